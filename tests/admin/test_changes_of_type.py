"""A value of another type is another value, even if Python takes the two for equal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.admin.option_texts import OptionValueField

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.usefixtures("editable")
@pytest.mark.parametrize(("before", "after"), [(1, "true"), (0, "-0.0"), ([1], "[1.0]")])
def test_a_change_of_the_type_alone_is_saved(
    store: Callable[..., Any], change: Callable[..., Any], before: Any, after: str
) -> None:
    option = store("a", before)
    change(option, after)
    option.refresh_from_db()
    assert json.dumps(option.value) == after


def test_what_is_no_json_counts_as_a_change() -> None:
    assert OptionValueField().has_changed(1, "{")
    assert not OptionValueField().has_changed(1, " 1 ")
