"""Elements of a list that an earlier command of a batch returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("index", ["2", "-1", "9999999999"])
def test_a_list_has_no_element_behind_its_last_one(
    call: Callable[..., Any], token: str, application: Any, user: Any, index: str
) -> None:
    options = AppUserOption.objects.for_owner(application, user)
    options.set_options({"list": ["x", "y"]})
    copy = f"user.option.set?options[copy]=$result[all][list][{index}]"
    answer = call("batch", {"cmd": {"all": "user.option.get", "copy": copy}}, token=token)
    error = answer.json()["result"]["result_error"]["copy"]
    assert error["error"] == "INVALID_REQUEST"
    assert "does not match any earlier result" in error["error_description"]
    assert set(options.as_mapping()) == {"list"}
