"""What a column returns is what was written, type included, on every database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_user_options.fields import decode_json
from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db, pytest.mark.database]

VALUES = [
    *(None, "null", False, True, "true", 0, 1, 1.0, "1", -0.0, 0.1, 1e16, 1e308, 5e-324),
    *(10**29, -(10**29), 10**4299),
    *("", " ", "e\u0301 \u00e9 \U0001f600 ж", "\u2028\u2029\ufeff\uffff"),
    *("\x01\t\r\n\x7f\x85", "\\u0000 \\ \" ' %s {} \\"),
    *([], {}, [None, [], {}, [1, 1.0, True, "1"]]),
    {"b": 1, "a": {"": [{"null": None}]}, "\\u0000": "\u2028"},
    {"error": 1, "__proto__": {"result": None}},
]
# NUL and lone surrogates are refused; control characters in keys too.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=255)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(TEXTS, parts, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


@pytest.fixture
def all_values(options: Any) -> dict[str, Any]:
    """Every value of the table, stored under `0`, `1`, ….."""
    stored = {str(number): value for number, value in enumerate(VALUES)}
    options.set_options(stored)
    return stored


def exactly(value: Any) -> str:
    """Return a text that differs where type, sign or order differ, unlike `==`."""
    return repr(value)


def test_every_value_comes_back_with_its_type_from_every_read(
    options: Any, all_values: dict[str, Any]
) -> None:
    expected = {key: exactly(value) for key, value in all_values.items()}
    readings = [
        options.as_mapping(),
        options.filter(size__gt=0).as_mapping(),
        json.loads(options.as_json()),
        {key: options.get_option(key, "missing") for key in all_values},
        {option.key: option.value for option in options},
    ]
    for read in readings:
        assert {key: exactly(value) for key, value in read.items()} == expected


# The fixture serves all examples of the test; each begins by emptying it.
@settings(
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_options=st.dictionaries(KEYS, JSON_VALUES, min_size=1, max_size=5))
def test_any_json_under_any_key_comes_back_equal(
    options: Any, given_options: dict[str, Any]
) -> None:
    options.all().delete()
    options.set_options(given_options)
    read = options.as_mapping()
    assert read.keys() == given_options.keys()
    for key, value in given_options.items():
        assert exactly(read[key]) == exactly(value)
        assert exactly(options.get_option(key)) == exactly(value)


def test_a_lookup_finds_only_the_equal_value(options: Any, all_values: dict[str, Any]) -> None:
    for number, value in enumerate(VALUES):
        assert options.filter(value=value).get().key == str(number)
        others = set(options.exclude(value=value).values_list("key", flat=True))
        assert others == all_values.keys() - {str(number)}
    some = set(options.filter(value__in=VALUES[:3]).values_list("key", flat=True))
    assert some == {"0", "1", "2"}
    # A stored null is no SQL NULL, and a value may be compared with a column.
    assert not options.filter(value__isnull=True).exists()
    assert options.filter(value=F("value")).count() == len(VALUES)


def test_other_lookups_are_refused(options: Any) -> None:
    for lookup in ("contains", "icontains", "iexact", "gt", "regex", "a", "a__b"):
        with pytest.raises(FieldError):
            options.filter(**{f"value__{lookup}": "x"}).exists()


def test_an_instance_and_an_update_write_any_value(options: Any) -> None:
    options.set_options({"theme": "dark"})
    option = options.get()
    for value in VALUES:
        option.value = value
        option.save()
        assert exactly(options.get_option("theme", "missing")) == exactly(value)
        option.refresh_from_db()
        assert exactly(option.value) == exactly(value)
        options.update(value="changed")
        options.update(value=value)
        assert exactly(options.get_option("theme", "missing")) == exactly(value)


@pytest.mark.parametrize("file_format", ["json", "jsonl"])
def test_dumped_options_load_as_they_were(
    options: Any, all_values: dict[str, Any], tmp_path: Path, file_format: str
) -> None:
    dump = str(tmp_path / f"options.{file_format}")
    call_command("dumpdata", "django_user_options", output=dump, format=file_format)
    before = list(options.order_by("pk").values_list("pk", "key", "value", "size"))
    options.all().delete()
    call_command("loaddata", dump, verbosity=0)
    after = list(options.order_by("pk").values_list("pk", "key", "value", "size"))
    assert exactly(after) == exactly(before)
    assert len(after) == len(all_values)


KEYS_THAT_DIFFER = [
    *("theme", "Theme", "theme ", " theme", "th\u00e9me", "the\u0301me", "theme\u200b"),
    *("stra\u00dfe", "strasse", "i", "I", "\u0130", "\u0131", "\uff49", "0", "00", "__proto__"),
    *("\u3042", "\u30a2", "\u00a0", "\U0001f600", "\U0001f601", 'quoted"', "slashed\\"),
]


def test_keys_that_differ_in_bytes_are_different_keys(options: Any) -> None:
    stored = {key: number for number, key in enumerate(KEYS_THAT_DIFFER)}
    options.set_options(stored)
    for key, number in stored.items():
        assert options.get_option(key) == number
        options.set_options({key: -number})
    assert options.as_mapping() == {key: -number for key, number in stored.items()}
    assert json.loads(options.as_json()) == options.as_mapping()
    for key in KEYS_THAT_DIFFER:
        assert options.delete_options([key]) == 1
        assert options.delete_options([key]) == 0
        del stored[key]
        assert options.as_mapping().keys() == stored.keys()


@pytest.mark.parametrize(
    "text",
    [
        "0.10000000000000000555",
        "1.0000000000000000001",
        "9007199254740993.0",
        "1e-400",
        "1e-99999999999999999999",
    ],
)
def test_a_number_that_would_change_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a number cannot be stored exactly"):
        decode_json(f'{{"a": [{text}]}}')


@pytest.mark.parametrize("text", ["0.1", "1e16", "-0.0", "1.50", "9007199254740993"])
def test_a_number_that_stays_the_same_is_read(text: str) -> None:
    assert decode_json(text) == float(text) or decode_json(text) == int(text)
