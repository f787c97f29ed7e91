from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from django_user_options.exceptions import OptionLimitError
from django_user_options.rest.brackets import as_object, parse_brackets
from django_user_options.rest.refusals import InvalidRequestError

# What PHP answered; parse_str_table.php says how it was written.
TABLE = json.loads(Path(__file__).with_name("parse_str_table.json").read_text("utf-8"))
# Where the contract decides otherwise: SDKs write empty arrays so.
EMPTY_ARRAYS = {"a[]": {"a": []}, "a[]=": {"a": []}, "options[]=": {"options": []}}
LETTERS = st.sampled_from([*"ab01-.=&+% []", "%5B", "%5D", "%20", "%00", "%FF", "é"])
profile = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def cases(name: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{number}: {ascii(case['query'])[:60]}")
        for number, case in enumerate(TABLE[name])
    ]


def assert_same(parsed: Any, expected: Any) -> None:
    """Compare with the order of keys, which JSON objects keep here."""
    assert json.dumps(parsed) == json.dumps(expected)


@pytest.mark.parametrize("case", cases("parse_str"))
def test_query_is_read_as_php_reads_it(case: dict[str, Any]) -> None:
    query = case["query"]
    assert_same(parse_brackets(query.encode()), EMPTY_ARRAYS.get(query, case["parsed"]))


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("a[]=", []),
        ("a[0]=", [""]),
        ("a[]=&a[]=", ["", ""]),
        ("a[]=&a[0]=", [""]),
        ("a[5]=", {"5": ""}),
        ("a[b][]=", {"b": []}),
        ("a[0][]=&a[1][]=&a[2]=", [[], [], ""]),
        ("a[-5]=&a[]=", {"-5": "", "-4": ""}),
        ("a[b]=1&a[]=", {"b": "1", "0": ""}),
    ],
)
def test_lone_empty_bracket_without_a_value_is_an_empty_array(query: str, value: Any) -> None:
    assert_same(parse_brackets(query.encode()), {"a": value})


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


@pytest.mark.parametrize(
    ("query", "repeated"),
    [
        ("auth=A&auth=B", {"auth"}),
        ("auth=A&x=1&x=2& auth=B", {"auth", "x"}),
        ("auth=A&auth=", {"auth"}),
        ("auth[]=A&auth=B", {"auth"}),
        ("auth=A&auth=A", set()),
        ("auth=A&options[auth]=B&options[auth]=C", set()),
        ("a[]=1&a[]=2", set()),
    ],
)
def test_names_with_two_values_are_distinguished_from_names_given_twice(
    query: str, repeated: set[str]
) -> None:
    assert parse_brackets(query.encode()).repeated == repeated


@pytest.mark.parametrize(
    ("parameter", "means"),
    [(None, {}), ("", {}), ([], {}), (["x", 1], {"0": "x", "1": 1}), ({"a": 1}, {"a": 1}), (0, 0)],
)
def test_objects_as_php_writes_them_are_read_as_objects(parameter: Any, means: Any) -> None:
    assert as_object(parameter) == means


@pytest.mark.parametrize("case", cases("http_build_query"))
def test_what_php_builds_is_read_as_php_reads_it(case: dict[str, Any]) -> None:
    assert_same(parse_brackets(case["query"].encode()), case["parsed"])


@pytest.mark.parametrize("query", ["a=%FF", "%C3%28=1", "a[%ED%A0%80]=1", "a=%C0%80&a=1"])
def test_bytes_that_are_not_utf_8_are_refused(query: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"^Parameters must be encoded in UTF-8$"):
        parse_brackets(query.encode())


@pytest.mark.parametrize("escaped", ["%D1%8F", "%d1%8f+%", "a%2Bb", "%zz%4", "%25%34%31", "%0A"])
def test_long_texts_are_decoded_as_short_ones_are(escaped: str) -> None:
    (short,) = parse_brackets(f"a={escaped}".encode()).values()
    assert parse_brackets(f"a={escaped * 5000}".encode()) == {"a": short * 5000}


def test_more_brackets_than_the_setting_allows_are_refused_without_the_name(settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_NESTING": 2}
    assert parse_brackets(b"a[b][c]=1") == {"a": {"b": {"c": "1"}}}
    reason = r"^The name of a parameter may have at most 2 brackets$"
    with pytest.raises(OptionLimitError, match=reason) as caught:
        parse_brackets(b"a[b][c][d]=1")
    assert (caught.value.argument, caught.value.maximum) == ("", 2)


def test_ten_thousand_fields_are_read_and_one_more_is_refused() -> None:
    query = b"&" * 20_000 + b"&".join([b"a[]=1"] * 10_000)
    assert parse_brackets(query) == {"a": ["1"] * 10_000}
    with pytest.raises(InvalidRequestError, match="more than 10000 fields"):
        parse_brackets(query + b"&b")


def test_fifty_thousand_brackets_are_read_and_one_more_is_refused() -> None:
    names = [b"a" + b"[b]" * 25] * 2_000
    assert parse_brackets(b"&".join(names))
    with pytest.raises(InvalidRequestError, match="50000 brackets"):
        parse_brackets(b"&".join([*names, b"a[]"]))


@profile
@given(
    st.binary(max_size=60)
    | st.lists(LETTERS, max_size=20).map(lambda parts: "".join(parts).encode())
)
@example(b"a[" + b"9" * 5000 + b"]=1&a[]=2")
@example(b"a[-" + b"9" * 18 + b"]=1&a[]=2")
@example(b"a[" + b"9" * 18 + b"]=1&a[]=2")
def test_any_bytes_are_read_or_refused(query: bytes) -> None:
    try:
        parsed = parse_brackets(query)
    except (InvalidRequestError, OptionLimitError):
        return
    assert all(isinstance(key, str) and key for key in parsed)
    assert json.loads(json.dumps(parsed)) == parsed
