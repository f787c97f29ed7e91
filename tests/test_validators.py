"""What may be stored, and what is refused with nothing written and nothing told."""

from __future__ import annotations

import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from django_user_options.exceptions import (
    InvalidOptionError,
    NoKeyGivenError,
    NothingToSaveError,
    OptionLimitError,
    UserOptionsError,
)
from django_user_options.models import AppUserOption

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
    """Return the error after proving that it is this one, tells nothing and wrote nothing."""
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


@pytest.mark.parametrize("given", [{}, MappingProxyType({})], ids=["dict", "mapping"])
def test_empty_options_are_nothing_to_save(options: Any, given: Any) -> None:
    refused(options, given, NothingToSaveError)


@pytest.mark.parametrize("given", [None, SECRET, 5, True, [SECRET], [("a", SECRET)], {SECRET}])
def test_options_that_are_no_mapping_are_refused(options: Any, given: Any) -> None:
    refused(options, given, InvalidOptionError)


def test_any_mapping_is_taken(options: Any) -> None:
    options.set_options(MappingProxyType({"theme": "dark"}))
    assert options.as_mapping() == {"theme": "dark"}


CONTROL_CHARACTERS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
LONE_SURROGATES = ["\ud800", "\udbff", "\udc00", "\udfff", "\ude00\ud83d"]


@pytest.mark.parametrize(
    "key",
    ["", None, 1, 1.5, True, b"theme", ("theme",), *LONE_SURROGATES, *CONTROL_CHARACTERS],
    ids=ascii,
)
def test_a_key_that_is_no_plain_text_is_refused_everywhere(options: Any, key: Any) -> None:
    refused(options, {"good": SECRET, key: SECRET}, InvalidOptionError)
    with pytest.raises(InvalidOptionError):
        options.get_option(key)
    with pytest.raises(InvalidOptionError):
        options.delete_options(["good", key])


def test_a_string_that_prints_as_another_is_stored_as_what_it_is(options: Any) -> None:
    theme = Disguised("theme")
    assert str(theme) == "another"
    options.set_options({theme: [theme, {theme: 1}]})
    assert options.as_mapping() == {"theme": ["theme", {"theme": 1}]}
    assert options.get_option("theme") == options.get_option(theme)
    assert options.delete_options([theme]) == 1


def test_a_key_that_a_plain_string_does_not_equal_is_stored_as_its_text(options: Any) -> None:
    options.set_options({Unique("Theme"): "dark"})
    assert options.as_mapping() == {"Theme": "dark"}


@pytest.mark.parametrize("place", ["a{}", "{}a", "a{}a"])
def test_a_control_character_is_found_anywhere_in_a_key(options: Any, place: str) -> None:
    refused(options, {place.format("\n"): SECRET}, InvalidOptionError)


@pytest.mark.parametrize("letter", ["k", "ж", "\U0001f600"])
def test_a_key_of_255_characters_is_taken(options: Any, letter: str) -> None:
    options.set_options({letter * 255: 1})
    assert options.get_option(letter * 255) == 1
    assert options.delete_options([letter * 255]) == 1


def test_a_key_of_256_characters_is_refused_everywhere(options: Any) -> None:
    key = "k" * 256
    assert refused(options, {key: SECRET}, OptionLimitError).maximum == 255
    with pytest.raises(OptionLimitError):
        options.get_option(key)
    with pytest.raises(OptionLimitError):
        options.delete_options([key])


NO_JSON = {
    "tuple": (SECRET,),
    "named tuple": Pair(SECRET),
    "set": {SECRET},
    "frozenset": frozenset({SECRET}),
    "bytes": b"s3cret",
    "bytearray": bytearray(b"s3cret"),
    "decimal": Decimal("1.5"),
    "date": datetime.date(2024, 1, 1),
    "datetime": datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
    "mapping": MappingProxyType({"a": SECRET}),
    "range": range(3),
    "complex": 1j,
    "object": object(),
    "class": int,
    "integer key": {1: SECRET},
    "null key": {None: SECRET},
    "boolean key": {True: SECRET},
    "float key": {1.5: SECRET},
    "tuple key": {("a",): SECRET},
    "NaN key": {float("nan"): SECRET},
    "NaN": float("nan"),
    "infinity": float("inf"),
    "negative infinity": float("-inf"),
    "NUL": f"{SECRET}\0",
    "NUL after its escape": f"\\u0000{SECRET}\0",
    "NUL in a key": {f"{SECRET}\0": 1},
    "high surrogate": f"{SECRET}\ud800",
    "low surrogate": f"\udc00{SECRET}",
    "surrogates in a wrong order": f"{SECRET}\udc00\ud800",
    "surrogate in a key": {f"{SECRET}\udfff": 1},
    "4,301 digits": 10**4300,
    "4,301 digits and a sign": -(10**4300),
    "list that holds itself": holding_itself(),
}


@pytest.mark.parametrize("value", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize(
    "place",
    [
        lambda value: value,
        lambda value: [SECRET, value],
        lambda value: {"a": {"b": [value]}},
    ],
    ids=["alone", "in a list", "deep"],
)
def test_a_value_that_is_no_json_is_refused(options: Any, value: Any, place: Any) -> None:
    refused(options, {"good": SECRET, "bad": place(value)}, InvalidOptionError)


def test_text_that_only_looks_like_an_escaped_nul_is_taken(options: Any) -> None:
    value = {"\\u0000": ["\\\\u0000", "u0000", "\\ud800"]}
    options.set_options({"text": value})
    assert options.get_option("text") == value


def test_control_characters_other_than_nul_may_stand_in_a_value(options: Any) -> None:
    value = "".join(CONTROL_CHARACTERS[1:])
    options.set_options({"text": value})
    assert options.get_option("text") == value


@pytest.mark.parametrize("innermost", [[], {}, [1], {"a": 1}], ids=repr)
def test_32_containers_are_taken_and_33_refused(options: Any, innermost: Any) -> None:
    error = refused(options, {"deep": nested(32, innermost)}, OptionLimitError)
    assert error.maximum == 32
    options.set_options({"deep": nested(31, innermost)})
    assert options.get_option("deep") == nested(31, innermost)


def test_a_scalar_may_stand_in_32_containers(options: Any) -> None:
    options.set_options({"deep": nested(32, 1)})
    assert options.get_option("deep") == nested(32, 1)


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_nesting_that_would_exhaust_the_stack_is_refused(options: Any, depth: int) -> None:
    refused(options, {"deep": nested(depth, SECRET)}, OptionLimitError)


@pytest.mark.parametrize(
    ("letter", "count"), [("x", 65_534), ("é", 32_767), ("\n", 32_767), ("\\", 32_767)]
)
def test_a_value_of_64_kib_as_json_is_taken_and_a_larger_one_refused(
    options: Any, letter: str, count: int
) -> None:
    error = refused(options, {"large": letter * count + "x"}, OptionLimitError)
    assert error.maximum == 65_536
    options.set_options({"large": letter * count})
    assert options.get_option("large") == letter * count
    assert options.get().size == 65_536


def test_keys_inside_a_value_count_in_its_size(options: Any) -> None:
    refused(options, {"large": {"k" * 65_536: 1}}, OptionLimitError)


def test_1000_keys_in_a_call_are_taken_and_1001_refused(options: Any) -> None:
    too_many = {str(number): SECRET for number in range(1_001)}
    assert refused(options, too_many, OptionLimitError).maximum == 1_000
    with pytest.raises(OptionLimitError):
        options.delete_options(too_many)
    too_many.popitem()
    options.set_options(too_many)
    assert options.as_mapping() == too_many
    assert options.delete_options(too_many) == 1_000


def test_a_call_larger_than_all_that_may_be_kept_is_refused(options: Any) -> None:
    # More than MariaDB takes in one packet by default.
    given = {str(number): SECRET + "x" * 65_000 for number in range(300)}
    assert refused(options, given, OptionLimitError).maximum == 1_048_576


@pytest.mark.parametrize(
    ("setting", "good", "bad"),
    [
        ("MAX_KEY_LENGTH", {"abc": 1}, {"abcd": 1}),
        ("MAX_VALUE_BYTES", {"a": "x"}, {"a": "xy"}),
        ("MAX_NESTING", {"a": [[[]]]}, {"a": [[[[]]]]}),
        ("MAX_KEYS_PER_CALL", dict.fromkeys("abc", 1), dict.fromkeys("abcd", 1)),
        ("MAX_KEYS_PER_OWNER", dict.fromkeys("abc", 1), dict.fromkeys("abcd", 1)),
        ("MAX_BYTES_PER_OWNER", {"a": 1, "b": 10}, {"a": 10, "b": 10}),
    ],
)
def test_each_limit_is_the_host_s_to_set(
    options: Any, settings: Any, setting: str, good: Any, bad: Any
) -> None:
    settings.USER_OPTIONS = {setting: 3}
    error = refused(options, bad, OptionLimitError)
    assert error.maximum == 3
    assert "3" in str(error)
    options.set_options(good)
    assert options.as_mapping() == good


def test_no_keys_are_nothing_to_delete(options: Any) -> None:
    with pytest.raises(NoKeyGivenError):
        options.delete_options([])
