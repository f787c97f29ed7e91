"""Numbers are stored exactly or not at all."""

from __future__ import annotations

import pytest

from django_user_options.fields import decode_json


@pytest.mark.parametrize(
    "text", ["0.10000000000000000555", "1.0000000000000000001", "9007199254740993.0", "1e-400"]
)
def test_a_number_that_would_change_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a number cannot be stored exactly"):
        decode_json(f'{{"a": [{text}]}}')


@pytest.mark.parametrize("text", ["0.1", "1e16", "-0.0", "1.50", "9007199254740993"])
def test_a_number_that_stays_the_same_is_read(text: str) -> None:
    assert decode_json(text) == float(text) or decode_json(text) == int(text)
