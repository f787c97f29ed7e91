"""What an answer says about time, and what Django logs about a refused call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client

SIMILAR = "Not Found: no method; did the client mean user.option.set?"


def test_processing_begins_with_the_method_and_the_window_ends_after_the_start(
    call: Callable[..., HttpResponse], token: str
) -> None:
    times = call("profile", token=token).json()["time"]
    assert 0 < times["processing"] < times["duration"]
    assert times["operating_reset_at"] == int(times["start"]) + 600


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "content_type", "line"),
    [
        ("User.Option.SET.xml", "", "Unauthorized: user.option.set"),
        ("user.option.set", "application/json", "Bad Request: user.option.set"),
        ("1/SECRET/USER.OPTION.ST.json", "", SIMILAR),
        ("crm.deal.list", "", "Not Found: no method"),
        (f"user.option.set{'x' * 200}", "", "Not Found: no method"),
        ("a/b", "", "Not Found: no method"),
    ],
    ids=range(6),
)
def test_a_refused_call_is_logged_by_the_name_of_its_method(
    client: Client, caplog: pytest.LogCaptureFixture, path: str, content_type: str, line: str
) -> None:
    client.post(f"/rest/{path}", "no JSON", content_type=content_type)
    assert caplog.messages == [line]
