"""Django's log line of a refused call names the method, and nothing that a client chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

SIMILAR = "Not Found: no method; did the client mean user.option.set?"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "content_type", "line"),
    [
        ("User.Option.SET.xml", "", "Unauthorized: user.option.set"),
        ("user.option.set", "application/json", "Bad Request: user.option.set"),
        ("user.options.set", "", SIMILAR),
        ("1/SECRET/USER.OPTION.ST.json", "", SIMILAR),
        ("crm.deal.list", "", "Not Found: no method"),
        (f"user.option.set{'x' * 200}", "", "Not Found: no method"),
        ("a/b", "", "Not Found: no method"),
    ],
    ids=range(7),
)
def test_a_refused_call_is_logged_by_the_name_of_its_method(
    client: Client, caplog: pytest.LogCaptureFixture, path: str, content_type: str, line: str
) -> None:
    client.post(f"/rest/{path}", "no JSON", content_type=content_type)
    assert caplog.messages == [line]
