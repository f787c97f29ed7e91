"""`user.option.set`: what is stored, in every encoding, and what is refused."""

from __future__ import annotations

from dataclasses import replace
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
# Texts, lists and objects of texts are the same in every encoding.
TEXTS = {
    "object": {"b": {"c": "1", "d": "2"}},
    "list": ["x", "y"],
    "rows": [{"id": "1"}, {"id": "2"}],
    "empty": "",
    "ключ": "значение", "🙂": "🙃", "e\u0301": "1", "é": "2",
    "a b": " x ", "c ": "\ttab\r\nline\n",
    "a.b": "1", "c+d": "2+2", "e&f=g": "&=%?#;", 'h"i': '"', "100%": "%41",
    "theme": "1", "Theme": "2", "theme ": "3",
    **dict.fromkeys(("error", "error_description", "next", "total", "result", "time"), "x"),
    **dict.fromkeys(("__proto__", "options", "auth", "user_id"), "x"),
    "10": "ten", "-1": "minus", "007": "bond", "1.5": "x", "1e3": "y",
    "k" * 255: "longest", "🙂" * 255: "longest in bytes",
    "long keys inside": {"k" * 255: {"l" * 400: {"m" * 600: "v"}}},
    "<b>": "<script>alert(1)</script>", "';--": "'; DROP TABLE x; --",
}  # fmt: skip
BESIDE = {
    "user_id": Issued("user_id", text=True),
    "bx24_request_id": "x",
    "start": "-1",
    "order": {"ID": "ASC"},
    "__order": ["a"],
}
DEEPEST: Any = "leaf"
for _ in range(32):
    DEEPEST = [DEEPEST]
VALUES = {
    "types": [None, True, False, 0, "", [], {}],
    "floats": [1e16, -0.0, 1e308, 5e-324, 0.1, 1.0],
    "integers": [10**30, -(2**63) - 1, 10**4299],
    "a": 1, "b": 1.0, "c": True, "d": "1", "e": None,
    "nesting": [{"b": [None, {"": [[]]}]}, "", 0],
    "deepest": DEEPEST,
    "largest": "x" * (64 * 1024 - 2),
}  # fmt: skip


def saved(name: str, options: Any, left: Any = None, **more: Any) -> Row:
    """Return the row of options that are stored as sent, or as `left`."""
    call = Call(SET, {"options": options, **more.pop("params", {})}, **more)
    return Row(name, call, 200, DONE, left=options if left is None else left)


def from_query(query: str, **more: Any) -> Row:
    return Row(query, Call(SET, query=query, **more), 200, DONE, left={"b": "2"})


SAVED = [
    *(saved(f"texts, {name}", TEXTS, encoding=name, params=BESIDE) for name in ENCODINGS),
    *(saved(f"list, {name}", ["a"], {"0": "a"}, encoding=name) for name in ENCODINGS),
    saved("values", VALUES, params={"user_id": ""}),
    saved("a list of values", [None, {"a": 1}], {"0": None, "1": {"a": 1}}),
    saved("a thousand keys", {f"k{number}": number for number in range(1000)}),
    saved("a thousand keys in a query", {f"k{n}": "v" for n in range(1000)}, encoding="query"),
    saved("PHP's types", {"t": True, "f": False, "n": None, "e": []}, {"t": "1", "f": "0"},
          encoding="form"),
    saved("body over query", {"a": 1}, query="options[b]=2&x=1"),
    from_query("options[b]=2"),
    from_query("options[b]=2&", encoding="query"),
]  # fmt: skip
NUL, KEY = "must be text without NUL", f"options: {NUL_IN_KEY}"
REFUSED = [
    (error(TYPE, description), options)
    for description, options in (
        ("options: a key must be a string of at least 1 character", {"": 1}),
        *((KEY, {f"a{char}": 1}) for char in "\0\n\x1f\x7f\x85\ud800"),
        (f"options[a] {NUL}", {"a": ["\0"]}),
        (f"options[a] {NUL}", {"a": {"\0": 1}}),
        ("options[a] must be text without lone surrogates", {"a": "\udfff"}),
    )
]
REFUSED += [
    (over(limit, maximum, current, description), options)
    for limit, maximum, current, description, options in (
        ("max_value_bytes", 65536, 65549, "options[a] may have at most 65536 bytes as JSON",
         {"a": CANARY + "x" * 64 * 1024}),
        ("max_nesting", 32, 33, "options[a] may be nested at most 32 deep", {"a": [DEEPEST]}),
        ("max_keys_per_call", 1000, 1001, "options: one call may name at most 1000 keys",
         dict.fromkeys(map(str, range(1000)), CANARY)),
        ("max_keys_per_owner", 1000, 1, "options: at most 1000 keys may be kept",
         dict.fromkeys(map(str, range(999)), 1)),
        ("max_bytes_per_owner", 1048576, 11, "options: at most 1048576 bytes of values may be kept",
         dict.fromkeys("abcdefghijklmnopq", "x" * 65_000)),
    )
]  # fmt: skip
NO_USER = error(TYPE, "user_id must be the id of a user")
NOBODY = ["nobody", "0", True, 1.5, [1], {"a": 1}, "\0", "9" * 40, 10**40, "+1", " 1", "1_0"]


@pytest.mark.database
@table(SAVED)
def test_options_are_stored_as_sent(row: Row, server: Server) -> None:
    server.check(row)


def test_other_options_are_left_alone(server: Server) -> None:
    params = {"options": {"b": None, "c": "3"}, "user_id": Issued("user_id")}
    left = {"a": "1", "b": None, "c": "3"}
    row = Row("", Call(SET, params, credential="webhook"), 200, DONE, left=left)
    server.check(replace(row, stored={"a": "1", "b": {"d": 1}}))


def test_refused_call_stores_nothing(server: Server) -> None:
    cases = [(Call(SET, {"options": {**options, "x": CANARY}}), body) for body, options in REFUSED]
    server.check_unchanged(cases, {"kept": "as it was"}, status=400)


def test_administrator_writes_the_options_of_another_user(server: Server) -> None:
    params = {"options": {"a": 1}, "user_id": Issued("user_id")}
    call = Call(SET, params, credential="admin_access_token")
    server.check(Row("", call, 200, DONE, left={}), ADMINISTRATOR)
    assert server.stored() == {"a": 1}


@pytest.mark.database
def test_user_id_must_name_a_user(server: Server) -> None:
    options = {"options": {"a": CANARY}}
    calls = [Call(SET, {**options, "user_id": user}, credential="admin_access_token")
             for user in NOBODY]  # fmt: skip
    server.check_unchanged([(call, NO_USER) for call in calls], {}, ADMINISTRATOR, status=400)
    assert server.stored() == {}


def test_application_without_an_interface_acts_as_its_owner(server: Server) -> None:
    call = Call(SET, {"options": {"a": 1}}, credential="headless_access_token")
    server.check(Row("", call, 200, DONE, left={"a": 1}), HEADLESS)
    assert server.stored() == {}
