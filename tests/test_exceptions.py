"""Errors are translated for readers, and arrive whole in another process."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from django_user_options.exceptions import (
    ImportLineError,
    InvalidOptionError,
    NoKeyGivenError,
    NothingToSaveError,
    NothingToUpdateError,
    OptionConflictError,
    OptionLimitError,
    OwnerGoneError,
    UserOptionsError,
)

ERRORS = [
    ImportLineError("no JSON", line=3),
    InvalidOptionError("%(argument)s: no", argument="option"),
    NoKeyGivenError(),
    NothingToSaveError(),
    NothingToUpdateError(),
    OptionConflictError({"theme": "0gEcQFIMQ9n9uj8KHvSRZZ", "zoom": None}),
    OptionLimitError("at most %(maximum)d", argument="a", limit="max_a", maximum=5, current=6),
    OwnerGoneError(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
@pytest.mark.parametrize("move", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_survives_pickling(error: UserOptionsError, move: Any) -> None:
    moved = move(error)
    assert type(moved) is type(error)
    assert (str(moved), moved.args) == (str(error), error.args)
    assert vars(moved) == vars(error)
    assert moved.translated() == error.translated()


def test_an_error_is_english_until_translated(options: Any, settings: Any) -> None:
    settings.LANGUAGE_CODE = "ru"
    with pytest.raises(UserOptionsError) as caught:
        options.set_options({"100%": float("nan")})
    assert str(caught.value) == (
        "options[100%] must be finite numbers of at most 4,300 digits, and no loop"
    )
    assert caught.value.translated() == (
        "options[100%]: числа должны быть конечными и не длиннее 4300 цифр, "
        "а данные — без циклических ссылок"
    )
