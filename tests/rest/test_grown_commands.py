"""Commands with what references put into them may be as large as one body, to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("missing", [0, 1])
def test_commands_may_grow_to_the_limit_of_a_body(
    call: Callable[..., Any],
    token: str,
    application: Any,
    user: Any,
    settings: Any,
    missing: int,
) -> None:
    options = AppUserOption.objects.for_owner(application, user)
    options.set_options({"a": "x" * 500})
    commands = ["user.option.get?option=a", "user.option.set?options[b]=$result[0]"]
    # The value counts with its quotes.
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = sum(map(len, commands)) + 502 - missing
    result = call("batch", {"cmd": commands}, token=token).json()["result"]
    assert bool(result["result_error"]) is bool(missing)
    assert ("b" in options.as_mapping()) is not bool(missing)
