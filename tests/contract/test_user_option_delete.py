"""`user.option.delete`: one key or several, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.server import ADMINISTRATOR
from tests.contract.table import DONE, ENCODINGS, Call, Issued, Row, error, table

if TYPE_CHECKING:
    from tests.contract.server import Server

DELETE = "user.option.delete"
STORED = {"a": 1, "A": 2, "b": None, "0": 3}
TYPE, RANGE = "ArgumentTypeException", "ArgumentOutOfRangeException"


def deleted(name: str, option: Any, left: dict[str, Any], **more: Any) -> Row:
    call = Call(DELETE, {"option": option}, **more)
    return Row(name, call, 200, DONE, stored=STORED, left=left)


def refused(name: str, option: Any, code: str, description: str, **facts: Any) -> Row:
    call = Call(DELETE, {"option": option})
    return Row(name, call, 400, error(code, description, **facts), stored=STORED)


ROWS = [
    row
    for encoding in ENCODINGS
    for row in (
        deleted(f"one, {encoding}", "a", {"A": 2, "b": None, "0": 3}, encoding=encoding),
        deleted(f"several, {encoding}", ["a", "0", "x"], {"A": 2, "b": None}, encoding=encoding),
    )
]
ROWS += [
    deleted("unknown", "x", STORED),
    deleted("through a webhook", ["a", "A", "b", "0"], {}, credential="webhook"),
    deleted("another application's", "a", STORED, credential="headless_access_token"),
    deleted("another user's", "a", STORED, credential="admin_access_token"),
    refused("null", None, "ArgumentNullException", "option is empty"),
    refused("an object", {"a": 1}, TYPE, "option must be a key or a list of keys"),
    deleted("an integer", 0, {key: STORED[key] for key in STORED if key != "0"}),
    refused("a fraction", 5.0, TYPE, "option: a key must be a string"),
    refused("a list in a list", [["a"]], TYPE, "option: a key must be a string"),
    deleted("a key and an integer", ["a", 5], {key: STORED[key] for key in STORED if key != "a"}),
    refused("a key and a boolean", ["a", True], TYPE, "option: a key must be a string"),
    refused(
        "a key and an empty one",
        ["a", ""],
        TYPE,
        "option: a key must be a string of at least 1 character",
    ),
    refused(
        "a key and a long one",
        ["a", "k" * 256],
        RANGE,
        "option: a key may have at most 255 characters",
        limit="max_key_length",
        maximum=255,
        current=256,
    ),
    refused(
        "1,001 keys",
        ["a"] * 1001,
        RANGE,
        "option: one call may name at most 1000 keys",
        limit="max_keys_per_call",
        maximum=1000,
        current=1001,
    ),
]


@pytest.mark.database
@table(ROWS)
def test_keys_named_are_gone_and_others_stay(row: Row, server: Server) -> None:
    server.check(row)


def test_administrator_deletes_options_of_another_user(server: Server) -> None:
    server.store({"a": "administrator"}, ADMINISTRATOR)
    params = {"option": "a", "user_id": Issued("user_id")}
    call = Call(DELETE, params, credential="admin_access_token")
    server.check(Row("", call, 200, DONE, stored=STORED, left={"A": 2, "b": None, "0": 3}))
    assert server.stored(ADMINISTRATOR) == {"a": "administrator"}


@pytest.mark.database
def test_as_many_keys_as_one_call_may_set_are_deleted_by_one(server: Server) -> None:
    options = {f"k{number}": number for number in range(1000)}
    call = Call(DELETE, {"option": list(options)})
    server.check(Row("", call, 200, DONE, stored=options, left={}))
