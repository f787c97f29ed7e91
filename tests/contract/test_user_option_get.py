"""`user.option.get`: one value, several, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.server import ADMINISTRATOR
from tests.contract.table import (
    DENIED,
    ENCODINGS,
    NUL_IN_KEY,
    Call,
    Issued,
    Row,
    error,
    ok,
    over,
    table,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

GET = "user.option.get"
STORED = {"a": 1, "b": {"c": [None, 2.0]}, "null": None, "0": False, "Ключ": "", "c d": "e"}
TYPE = "ArgumentTypeException"


def read(name: str, option: Any, result: Any, **more: Any) -> Row:
    return Row(name, Call(GET, {"option": option}, **more), 200, ok(result), stored=STORED)


def empty(name: str, result: Any, **more: Any) -> Row:
    return Row(name, Call(GET, **more), 200, ok(result))


IN_EVERY_ENCODING = [
    row
    for encoding in ENCODINGS
    for row in (
        read(f"one, {encoding}", "b", {"c": [None, 2.0]}, encoding=encoding),
        read(f"any script, {encoding}", "Ключ", "", encoding=encoding),
        read(f"a space, {encoding}", "c d", "e", encoding=encoding),
        read(f"several, {encoding}", ["a", "null", "x"], {"a": 1, "null": None}, encoding=encoding),
        read(f"empty name, {encoding}", "", STORED, encoding=encoding),
        read(f"null name, {encoding}", None, STORED, encoding=encoding),
        Row(f"all, {encoding}", Call(GET, encoding=encoding), 200, ok(STORED), stored=STORED),
    )
]
OTHERS = [
    read("null", "null", None),
    read("false at a number", "0", result=False),
    read("unknown", "x", None),
    read("other case", "A", None),
    empty("nothing stored", {}),
    read("no names", [], {}),
    read("a name twice", ["a", "a"], {"a": 1}),
    read("an integer", 0, result=False),
    read("an unknown integer", -5, None),
    read("integers", [0, "a", 5], {"0": False, "a": 1}),
    read("through a webhook", "a", 1, credential="webhook"),
    read("another application", "a", None, credential="headless_access_token"),
    read("another user", "a", None, credential="admin_access_token"),
    Row(
        "another user by an administrator",
        Call(GET, {"user_id": Issued("user_id")}, credential="admin_access_token"),
        200,
        ok(STORED),
        stored=STORED,
    ),
    Row(
        "another user without rights",
        Call(GET, {"user_id": Issued("admin_user_id")}),
        400,
        DENIED,
    ),
    *(
        Row(
            f"key {option!r}",
            Call(GET, {"option": option}),
            400,
            error(TYPE, "option: a key must be a string"),
            stored=STORED,
        )
        for option in (1.5, 0.0, True, False, {"a": "b"}, {}, [1.0], [True], [None], [["a"]])
    ),
    Row(
        "key too long",
        Call(GET, {"option": "k" * 256}),
        400,
        over("max_key_length", 255, 256, "option: a key may have at most 255 characters"),
    ),
    Row(
        "key with NUL",
        Call(GET, {"option": "a\0"}),
        400,
        error(TYPE, f"option: {NUL_IN_KEY}"),
    ),
    Row(
        "1,001 keys",
        Call(GET, {"option": ["a"] * 1001}),
        400,
        over("max_keys_per_call", 1000, 1001, "option: one call may name at most 1000 keys"),
    ),
]


@table([*IN_EVERY_ENCODING, *OTHERS])
def test_answer_is_the_value_that_was_stored(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.in_process
@table(
    [
        empty("whole", []),
        empty("whole, by an empty name", [], query="option="),
        Row("one", Call(GET, {"option": "a"}), 200, ok(None)),
        Row("several", Call(GET, {"option": ["a"]}), 200, ok({})),
        Row("not empty", Call(GET), 200, ok({"a": 1}), stored={"a": 1}),
    ]
)
def test_live_server_answers_an_empty_store_with_a_list(
    row: Row, server: Server, settings: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    server.check(row)


def test_users_of_one_application_have_options_of_their_own(server: Server) -> None:
    server.store({"a": "user"})
    server.store({"a": "administrator"}, ADMINISTRATOR)
    assert server.stored() == {"a": "user"}
    assert server.stored(ADMINISTRATOR) == {"a": "administrator"}
