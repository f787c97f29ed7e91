"""The middleware that records REST calls."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import MiddlewareNotUsed

from django_user_options.portal.developer.call_log import RecordCalls, calls_after, last_call

if TYPE_CHECKING:
    from django.test import Client


def test_nothing_is_recorded_without_debug() -> None:
    with pytest.raises(MiddlewareNotUsed):
        RecordCalls(repr)  # type: ignore[arg-type]


def test_a_batch_is_recorded_without_its_tokens(developing: None, call: Any, token: str) -> None:
    before = last_call()
    command = f"user.option.get?option=a&auth={token}&x=1"
    call("batch", {"cmd": {"a": command, "b": f"m?access_token={token}"}}, token=token)
    [recorded] = calls_after(before)
    assert recorded["parameters"] == (
        '{"cmd": {"a": "user.option.get?option=a&auth=***&x=1", "b": "m?access_token=***"}}'
    )


@pytest.mark.parametrize("path", ["/rest/user.option.get", "/admin/login/"])
def test_preflights_and_other_pages_are_not_recorded(
    developing: None, client: Client, db: None, path: str
) -> None:
    before = last_call()
    client.options(path)
    assert last_call() == before


def test_a_waiting_request_gets_the_next_call(developing: None, call: Any, token: str) -> None:
    before, received = last_call(), []
    thread = threading.Thread(target=lambda: received.extend(calls_after(before)))
    thread.start()
    call("profile", token=token)
    thread.join(10)
    assert [recorded["method"] for recorded in received] == ["profile"]
