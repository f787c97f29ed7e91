"""Batches with more commands, fields, or references than one call may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

TOO_MANY = {
    "error": "INVALID_REQUEST",
    "error_description": "The request has more than 10000 fields or 50000 brackets",
}


@pytest.mark.parametrize(("count", "status"), [(1_000, 200), (1_001, 400)])
def test_a_batch_answers_up_to_a_thousand_commands_and_runs_fifty(
    call: Callable[..., HttpResponse], token: str, count: int, status: int
) -> None:
    answer = call("batch", {"cmd": ["server.time"] * count}, token=token)
    assert answer.status_code == status
    if status == 200:
        parts = answer.json()["result"]
        assert (len(parts["result"]), len(parts["result_error"])) == (50, count - 50)
    else:
        assert answer.json()["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"


def test_references_are_counted_in_bytes_and_with_their_command(
    call: Any, token: str, settings: Any
) -> None:
    call("user.option.set", {"options": {"text": "я" * 1_000}}, token=token)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000
    command = "user.option.set?options[a]=$result[t]&options[b]=$result[t]"
    cmd = {"t": "user.option.get?option=text", "set": command}
    errors = call("batch", {"cmd": cmd}, token=token).json()["result"]["result_error"]
    assert errors["set"]["error_description"] == "Request body is too large"


def test_the_commands_of_a_batch_may_have_no_more_fields_than_one_body(
    call: Any, token: str
) -> None:
    get = "user.option.get?a"
    cmd = {"one": get + "&a" * 5_999, "two": get + "&a" * 3_999, "three": get, "four": "scope"}
    result = call("batch", {"cmd": cmd}, token=token).json()["result"]
    assert list(result["result"]) == ["one", "two", "four"]
    assert result["result_error"] == {"three": TOO_MANY}
