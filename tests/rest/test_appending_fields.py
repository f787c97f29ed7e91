"""Fields with an empty bracket go behind those that are there, however many there are."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.rest.brackets import parse_brackets


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("a[]=x&a[]=y&a[]=z", ["x", "y", "z"]),
        ("a[0]=x&a[1]=y&a[]=z", ["x", "y", "z"]),
        ("a[1]=x&a[0]=y&a[]=z", {"1": "x", "0": "y", "2": "z"}),
    ],
)
def test_an_empty_bracket_takes_the_next_index(query: str, value: Any) -> None:
    assert parse_brackets(query.encode()) == {"a": value}
