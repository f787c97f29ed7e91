"""`user.option.get`: one value, several, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.server import ADMINISTRATOR
from tests.contract.table import DENIED, ENCODINGS, NUL_IN_KEY, Call, Issued, error, ok, over

if TYPE_CHECKING:
    from tests.contract.server import Server

GET = "user.option.get"
STORED = {"a": 1, "b": {"c": [None, 2.0]}, "null": None, "0": False, "Ключ": "", "c d": "e"}
IN_EVERY_ENCODING = [
    ("b", {"c": [None, 2.0]}),
    ("Ключ", ""),
    ("c d", "e"),
    (["a", "null", "x"], {"a": 1, "null": None}),
    ("", STORED),
    (None, STORED),
]
READ = [
    *(("null", None), ("x", None), ("A", None), (-5, None), (0, False)),
    *(([], {}), (["a", "a"], {"a": 1}), ([0, "a", 5], {"0": False, "a": 1})),
]
TYPE = "ArgumentTypeException"
REFUSED = [
    *((option, error(TYPE, "option: a key must be a string")) for option in (1.5, [None])),
    ("a\0", error(TYPE, f"option: {NUL_IN_KEY}")),
    ("k" * 256, over("max_key_length", 255, 256, "option: a key may have at most 255 characters")),
    (
        ["a"] * 1001,
        over("max_keys_per_call", 1000, 1001, "option: one call may name at most 1000 keys"),
    ),
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_answer_is_the_value_that_was_stored(encoding: Any, server: Server) -> None:
    cases = [
        (Call(GET, {"option": option}, encoding=encoding), ok(result))
        for option, result in [*IN_EVERY_ENCODING, *(READ if encoding == "json" else ())]
    ]
    server.check_unchanged([*cases, (Call(GET, encoding=encoding), ok(STORED))], STORED)


def test_nothing_stored_is_an_empty_object(server: Server) -> None:
    server.expect(Call(GET), ok({}))


def test_invalid_key_is_refused(server: Server) -> None:
    cases = [(Call(GET, {"option": option}), body) for option, body in REFUSED]
    server.check_unchanged(cases, STORED, status=400)


def test_options_are_those_of_one_user_in_one_application(server: Server) -> None:
    server.store({"a": "administrator"}, ADMINISTRATOR)
    one = {"option": "a"}
    cases = [
        (Call(GET, one, credential="webhook"), ok(1)),
        (Call(GET, one, credential="headless_access_token"), ok(None)),
        (Call(GET, one, credential="admin_access_token"), ok("administrator")),
        (Call(GET, {"user_id": Issued("user_id")}, credential="admin_access_token"), ok(STORED)),
    ]
    server.check_unchanged(cases, STORED)
    server.expect(Call(GET, {"user_id": Issued("admin_user_id")}), DENIED, 400)


@pytest.mark.in_process
def test_live_server_answers_an_empty_store_with_a_list(server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    for call, result in (
        (Call(GET), []),
        (Call(GET, query="option="), []),
        (Call(GET, {"option": "a"}), None),
        (Call(GET, {"option": ["a"]}), {}),
    ):
        server.expect(call, ok(result))
    server.check_unchanged([(Call(GET), ok({"a": 1}))], {"a": 1})
