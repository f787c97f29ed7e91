"""A value of another type is another value, even if Python takes the two for equal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

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
