"""What may be stored, and what is refused with nothing written and nothing revealed."""

from __future__ import annotations

import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from django_user_options.exceptions import (
    InvalidOptionError,
    NothingToSaveError,
    OptionLimitError,
    UserOptionsError,
)
from django_user_options.models import AppUserOption
from django_user_options.validators import validate_key

pytestmark = pytest.mark.django_db

SECRET = "s3cret"


class Disguised(str):
    """A string that prints as another, as a member of an enumeration does."""

    def __str__(self) -> str:
        return "another"


class Unique(str):
    """A string that equals no other, so that no mapping finds it by its text."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class Pair(NamedTuple):
    """A tuple that looks like an object."""

    first: str


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


def shown(error: BaseException | None) -> str:
    """Return every message that a traceback of the error would print."""
    texts = []
    while error is not None:
        texts.append(str(error))
        context = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or context
    return "\n".join(texts)


def refused(options: Any, given: Any, error: type[UserOptionsError]) -> UserOptionsError:
    """Return the error after proving that it is this one, reveals nothing, and wrote nothing."""
    with pytest.raises(UserOptionsError) as caught:
        options.set_options(given)
    assert type(caught.value) is error
    assert caught.value.argument == "options"
    assert SECRET not in shown(caught.value)
    assert options.as_mapping() == {}
    return caught.value


def nested(depth: int, innermost: Any) -> Any:
    """Return `innermost` inside `depth` lists and objects by turns."""
    for level in range(depth):
        innermost = [innermost] if level % 2 else {"a": innermost}
    return innermost


def holding_itself() -> list[Any]:
    value: list[Any] = [SECRET]
    value.append(value)
    return value


def test_options_are_any_mapping_that_is_not_empty(options: Any) -> None:
    for given in (None, SECRET, 5, True, [SECRET], [("a", SECRET)], {SECRET}):
        refused(options, given, InvalidOptionError)
    for empty in ({}, MappingProxyType({})):
        refused(options, empty, NothingToSaveError)
    options.set_options(MappingProxyType({"theme": "dark"}))
    assert options.as_mapping() == {"theme": "dark"}


CONTROL_CHARACTERS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
LONE_SURROGATES = ["\ud800", "\udbff", "\udc00", "\udfff", "\ude00\ud83d"]
NO_KEYS = ["", None, 1, 1.5, True, b"theme", ("theme",), *LONE_SURROGATES, *CONTROL_CHARACTERS]
NO_KEYS += ["a\n", "\na", "a\na"]


def test_an_invalid_key_is_refused_everywhere(options: Any) -> None:
    for key in NO_KEYS:
        refused(options, {"good": SECRET, key: SECRET}, InvalidOptionError)
        with pytest.raises(InvalidOptionError):
            options.get_option(key)
        with pytest.raises(InvalidOptionError):
            options.delete_options(["good", key])


def test_a_str_subclass_is_stored_by_its_text(options: Any) -> None:
    theme = Disguised("theme")
    assert str(theme) == "another"
    assert type(validate_key(theme)) is str
    options.set_options({theme: [theme, {theme: 1}]})
    assert options.as_mapping() == {"theme": ["theme", {"theme": 1}]}
    assert options.get_option("theme") == options.get_option(theme)
    assert options.delete_options([theme]) == 1
    options.set_options({Unique("Theme"): "dark"})
    assert options.as_mapping() == {"Theme": "dark"}


NO_JSON = [
    *((SECRET,), Pair(SECRET), {SECRET}, frozenset({SECRET}), range(3), int, object()),
    *(b"s3cret", bytearray(b"s3cret"), Decimal("1.5"), 1j, MappingProxyType({"a": SECRET})),
    *(datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)),
    *({key: SECRET} for key in (1, None, True, 1.5, ("a",), float("nan"))),
    *(float("nan"), float("inf"), float("-inf"), 10**4300, -(10**4300), holding_itself()),
    *(f"{SECRET}\0", f"\\u0000{SECRET}\0", {f"{SECRET}\0": 1}),
    *(f"{SECRET}{half}" for half in LONE_SURROGATES),
    {f"{SECRET}\udfff": 1},
]


@pytest.mark.parametrize("value", NO_JSON, ids=range(len(NO_JSON)))
def test_a_value_that_is_not_json_is_refused(options: Any, value: Any) -> None:
    for placed in (value, [SECRET, value], {"a": {"b": [value]}}):
        refused(options, {"good": SECRET, "bad": placed}, InvalidOptionError)


@pytest.mark.database
def test_a_value_may_have_control_characters_and_what_looks_like_an_escaped_nul(
    options: Any,
) -> None:
    value = {"\\u0000": ["\\\\u0000", "u0000", "\\ud800", "".join(CONTROL_CHARACTERS[1:])]}
    options.set_options({"text": value})
    assert options.get_option("text") == value


def test_nesting_that_python_cannot_follow_is_refused(options: Any) -> None:
    for depth in (1_000, 100_000):
        assert refused(options, {"deep": nested(depth, SECRET)}, OptionLimitError).maximum == 32


@pytest.mark.database
def test_a_call_above_the_owners_limit_is_refused(options: Any) -> None:
    # More than MariaDB takes in one packet by default.
    given = {str(number): SECRET + "x" * 65_000 for number in range(300)}
    assert refused(options, given, OptionLimitError).maximum == 1_048_576


@pytest.mark.parametrize(
    ("setting", "good", "bad"),
    [
        ("MAX_KEY_LENGTH", {"abc": 1, "жжж": 1, "😀😀😀": 1}, {"abcd": 1}),
        ("MAX_VALUE_BYTES", {"a": "x", "b": {}}, {"a": "xy"}),
        ("MAX_VALUE_BYTES", {"a": 123}, {"a": "é"}),
        ("MAX_VALUE_BYTES", {"a": []}, {"a": "\n"}),
        ("MAX_NESTING", {"a": nested(3, 1), "b": nested(2, {"a": 1})}, {"a": nested(4, 1)}),
        ("MAX_NESTING", {"a": nested(2, [])}, {"a": nested(3, {})}),
        ("MAX_KEYS_PER_CALL", dict.fromkeys("abc", 1), dict.fromkeys("abcd", 1)),
        ("MAX_KEYS_PER_OWNER", dict.fromkeys("abc", 1), dict.fromkeys("abcd", 1)),
        ("MAX_BYTES_PER_OWNER", {"a": 1, "b": 10}, {"a": 10, "b": 10}),
    ],
)
def test_each_limit_is_the_projects_to_set(
    options: Any, settings: Any, setting: str, good: Any, bad: Any
) -> None:
    settings.USER_OPTIONS = {setting: 3}
    error = refused(options, bad, OptionLimitError)
    assert error.maximum == 3
    assert "3" in str(error)
    options.set_options(good)
    assert options.as_mapping() == good
