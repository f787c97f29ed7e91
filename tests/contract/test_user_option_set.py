"""`user.option.set`: what is stored, in every encoding, and what is refused whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.server import ADMINISTRATOR, HEADLESS
from tests.contract.table import (
    CANARY,
    DONE,
    ENCODINGS,
    NUL_IN_KEY,
    Call,
    Issued,
    Row,
    error,
    over,
    table,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

SET = "user.option.set"
TYPE = "ArgumentTypeException"


def saved(name: str, options: Any, left: Any = None, **more: Any) -> Row:
    """Return the row of options that are stored as sent, or as `left`."""
    stored = more.pop("stored", {})
    call = Call(SET, {"options": options, **more.pop("params", {})}, **more)
    return Row(name, call, 200, DONE, stored=stored, left=options if left is None else left)


def refused(name: str, options: Any, code: str, description: str) -> Row:
    return _refused(name, options, error(code, description))


def over_limit(name: str, options: Any, limit: tuple[str, int, int], description: str) -> Row:
    return _refused(name, options, over(*limit, description))


def _refused(name: str, options: Any, body: Any) -> Row:
    """Return the row of options of which none is stored."""
    options = {**options, "fine": CANARY} if isinstance(options, dict) else options
    return Row(name, Call(SET, {"options": options}), 400, body, stored={"kept": "as it was"})


# Texts, lists and objects of texts are the same in every encoding.
TEXTS = [
    ("two keys", {"data": "value", "data2": "value2"}),
    ("an object", {"a": {"b": {"c": "1", "d": "2"}}}),
    ("a list", {"list": ["x", "y"]}),
    ("objects in a list", {"rows": [{"id": "1"}, {"id": "2"}]}),
    ("empty text", {"a": ""}),
    ("any script", {"ключ": "значение", "🙂": "🙃", "e\u0301": "1", "é": "2"}),
    ("white space kept", {"a b": " x ", "c ": "\ttab\r\nline\n"}),
    ("reserved letters", {"a.b": "1", "c+d": "2+2", "e&f=g": "&=%?#;", 'h"i': '"', "100%": "%41"}),
    ("keys byte for byte", {"theme": "1", "Theme": "2", "theme ": "3"}),
    ("no key is special", dict.fromkeys(("error", "error_description", "next", "total"), "x")),
    ("none of them", dict.fromkeys(("result", "time", "__proto__", "options", "auth"), "x")),
    ("keys like numbers", {"10": "ten", "-1": "minus", "007": "bond", "1.5": "x", "1e3": "y"}),
    ("longest key", {"k" * 255: "v"}),
    ("longest key in bytes", {"🙂" * 255: "v"}),
    ("long keys inside a value", {"k" * 255: {"l" * 400: {"m" * 600: "v"}}}),
    ("markup and SQL", {"<b>": "<script>alert(1)</script>", "';--": "'; DROP TABLE x; --"}),
]
IN_EVERY_ENCODING = [
    saved(f"{name}, {encoding}", options, encoding=encoding)
    for name, options in TEXTS
    for encoding in ENCODINGS
]
IN_EVERY_ENCODING += [
    row
    for encoding in ENCODINGS
    for row in (
        saved(f"list for options, {encoding}", ["a", "b"], {"0": "a", "1": "b"}, encoding=encoding),
        saved(
            f"others left alone, {encoding}",
            {"b": "new", "c": "3"},
            {"a": "1", "b": "new", "c": "3"},
            stored={"a": "1", "b": "2"},
            encoding=encoding,
        ),
        saved(
            f"what SDKs add, {encoding}",
            {"a": "1"},
            encoding=encoding,
            params={
                "bx24_request_id": "x",
                "start": "-1",
                "order": {"ID": "ASC"},
                "__order": ["a"],
            },
        ),
        saved(
            f"own user_id, {encoding}",
            {"a": "1"},
            encoding=encoding,
            params={"user_id": Issued("user_id", text=True)},
        ),
    )
]
DEEPEST: Any = "leaf"
for _ in range(32):
    DEEPEST = [DEEPEST]
IN_JSON = [
    saved("every type", {"a": None, "b": True, "c": False, "d": 0, "e": "", "f": [], "g": {}}),
    saved("floats", {"a": 1e16, "b": -0.0, "c": 1e308, "d": 5e-324, "e": 0.1, "f": 1.0}),
    saved("integers", {"a": 10**30, "b": -(2**63) - 1, "c": 10**4299}),
    saved("1 and 1.0 and true and '1'", {"a": 1, "b": 1.0, "c": True, "d": "1"}),
    saved("mixed nesting", {"a": [{"b": [None, {"": [[]]}]}, "", 0]}),
    saved("deepest value", {"a": DEEPEST}),
    saved("largest value", {"a": "x" * (64 * 1024 - 2)}),
    saved("1,000 keys", {f"k{number}": number for number in range(1000)}),
    saved("other type replaces", {"a": None}, stored={"a": {"b": 1}}),
    saved("list of values", [None, {"a": 1}], {"0": None, "1": {"a": 1}}),
    saved("user_id a number", {"a": 1}, params={"user_id": Issued("user_id")}),
    saved("user_id empty", {"a": 1}, params={"user_id": ""}),
    saved("webhook of the application", {"a": 1}, credential="webhook"),
    saved("name in capitals", {"a": 1}, path="USER.Option.SET"),
    saved(
        "PHP's true, false, null and empty list",
        {"t": True, "f": False, "n": None, "e": []},
        {"t": "1", "f": "0"},
        encoding="form",
    ),
    Row(
        "body over query",
        Call(SET, {"options": {"a": 1}}, query="options[b]=2&x=1"),
        200,
        DONE,
        left={"a": 1},
    ),
    Row("query of a POST", Call(SET, query="options[b]=2"), 200, DONE, left={"b": "2"}),
    Row(
        "trailing &", Call(SET, encoding="query", query="options[b]=2&"), 200, DONE, left={"b": "2"}
    ),
]
REFUSED = [
    refused("empty key", {"": 1}, TYPE, "options: a key must be a string of at least 1 character"),
    over_limit(
        "key of 256",
        {"k" * 256: 1},
        ("max_key_length", 255, 256),
        "options: a key may have at most 255 characters",
    ),
    *(
        refused(
            f"key with {char!r}",
            {f"a{char}": 1},
            TYPE,
            f"options: {NUL_IN_KEY}",
        )
        for char in "\0\n\x1f\x7f\x85\ud800"
    ),
    refused("NUL", {"a": ["\0"]}, TYPE, "options[a] must be text without NUL"),
    refused("NUL in inner key", {"a": {"\0": 1}}, TYPE, "options[a] must be text without NUL"),
    refused(
        "lone surrogate", {"a": "\udfff"}, TYPE, "options[a] must be text without lone surrogates"
    ),
    over_limit(
        "value too large",
        {"a": CANARY + "x" * 64 * 1024},
        ("max_value_bytes", 65536, 65538 + len(CANARY)),
        "options[a] may have at most 65536 bytes as JSON",
    ),
    over_limit(
        "too deep",
        {"a": [DEEPEST]},
        ("max_nesting", 32, 33),
        "options[a] may be nested at most 32 deep",
    ),
    over_limit(
        "1,001 keys",
        dict.fromkeys(map(str, range(1000)), CANARY),
        ("max_keys_per_call", 1000, 1001),
        "options: one call may name at most 1000 keys",
    ),
    over_limit(
        "1,001 keys in all",
        dict.fromkeys(map(str, range(999)), 1),
        ("max_keys_per_owner", 1000, 1),
        "options: at most 1000 keys may be kept",
    ),
    over_limit(
        "more than 1 MiB in all",
        dict.fromkeys("abcdefghijklmnopq", "x" * 65_000),
        ("max_bytes_per_owner", 1048576, 11),
        "options: at most 1048576 bytes of values may be kept",
    ),
]
NO_USER = error(TYPE, "user_id must be the id of a user")


@pytest.mark.database
@table([*IN_EVERY_ENCODING, *IN_JSON])
def test_options_are_stored_as_sent(row: Row, server: Server) -> None:
    server.check(row)


@table(REFUSED)
def test_refused_options_change_nothing(row: Row, server: Server) -> None:
    server.check(row)


def test_administrator_writes_the_options_of_another_user(server: Server) -> None:
    params = {"options": {"a": 1}, "user_id": Issued("user_id")}
    call = Call(SET, params, credential="admin_access_token")
    server.check(Row("", call, 200, DONE, left={}), ADMINISTRATOR)
    assert server.stored() == {"a": 1}


@pytest.mark.parametrize(
    "user_id", ["nobody", "0", True, 1.5, [1], {"a": 1}, "\0", "9" * 40, 10**40, "+1", " 1", "1_0"]
)
def test_user_id_must_name_a_user(user_id: Any, server: Server) -> None:
    params = {"options": {"a": CANARY}, "user_id": user_id}
    server.check(Row("", Call(SET, params, credential="admin_access_token"), 400, NO_USER))


def test_application_without_an_interface_acts_as_its_owner(server: Server) -> None:
    call = Call(SET, {"options": {"a": 1}}, credential="headless_access_token")
    server.check(Row("", call, 200, DONE, left={"a": 1}), HEADLESS)
    assert server.stored() == {}
