"""`user.option.delete`: one key or several, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.server import ADMINISTRATOR
from tests.contract.table import DONE, ENCODINGS, Call, Issued, Row, error, over, table

if TYPE_CHECKING:
    from tests.contract.server import Server

DELETE = "user.option.delete"
STORED = {"a": 1, "A": 2, "b": None, "0": 3}


def deleted(name: str, option: Any, *gone: str, **more: Any) -> Row:
    left = {key: STORED[key] for key in STORED if key not in gone}
    return Row(name, Call(DELETE, {"option": option}, **more), 200, DONE, stored=STORED, left=left)


ROWS = [
    *(deleted(f"one, {name}", "a", "a", encoding=name) for name in ENCODINGS),
    *(deleted(f"several, {name}", ["a", "0", "x"], "a", "0", encoding=name) for name in ENCODINGS),
    deleted("an integer", 0, "0"),
    deleted("unknown", "x"),
    deleted("all, through a webhook", list(STORED), *STORED, credential="webhook"),
    deleted("another application's", "a", credential="headless_access_token"),
    deleted("another user's", "a", credential="admin_access_token"),
]
NO_STRING = "option: a key must be a string"
REFUSED = [
    (None, error("ArgumentNullException", "option is empty")),
    *(
        (option, error("ArgumentTypeException", description))
        for option, description in (
            ({"a": 1}, "option must be a key or a list of keys"),
            (["a", True], NO_STRING),
            (["a", ""], f"{NO_STRING} of at least 1 character"),
        )
    ),
    (
        ["a", "k" * 256],
        over("max_key_length", 255, 256, "option: a key may have at most 255 characters"),
    ),
    (
        ["a"] * 1001,
        over("max_keys_per_call", 1000, 1001, "option: one call may name at most 1000 keys"),
    ),
]


@pytest.mark.database
@table(ROWS)
def test_only_named_keys_are_deleted(row: Row, server: Server) -> None:
    server.check(row)


def test_a_refused_call_deletes_nothing(server: Server) -> None:
    cases = [(Call(DELETE, {"option": option}), body) for option, body in REFUSED]
    server.check_unchanged(cases, STORED, status=400)


def test_administrator_deletes_options_of_another_user(server: Server) -> None:
    server.store({"a": "administrator"}, ADMINISTRATOR)
    params = {"option": "a", "user_id": Issued("user_id")}
    call = Call(DELETE, params, credential="admin_access_token")
    server.check(Row("", call, 200, DONE, stored=STORED, left={"A": 2, "b": None, "0": 3}))
    assert server.stored(ADMINISTRATOR) == {"a": "administrator"}


@pytest.mark.database
def test_one_call_deletes_as_many_keys_as_one_may_set(server: Server) -> None:
    options = {f"k{number}": number for number in range(1000)}
    call = Call(DELETE, {"option": list(options)})
    server.check(Row("", call, 200, DONE, stored=options, left={}))
