"""`*.option.update`: set, remove and count in one change that happens whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from django_user_options.fields import encode_json
from django_user_options.summaries import digest_of
from tests.contract.server import ADMINISTRATOR, APPLICATION
from tests.contract.table import (
    CANARY,
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

UPDATE = "user.option.update"
TYPE = "ArgumentTypeException"
STORED = {"theme": "dark", "visits": 7, "big": 10**30, "half": 0.5, "0": None}
NOTHING = error("ArgumentNullException", "set, remove and increment are empty")
SUM = "increment[{}]: the sum is not a finite number of at most 4,300 digits"


def digest(value: Any) -> str:
    return digest_of(encode_json(value))


def counted(value: float) -> dict[str, Any]:
    return {"digest": digest(value), "value": value}


def done(name: str, params: Any, result: Any, changed: Any, **more: Any) -> Row:
    """Return the row of a change; a key that is changed to `...` is gone then."""
    left = {**STORED, **changed}
    left = {key: value for key, value in left.items() if value is not ...}
    return Row(name, Call(UPDATE, params, **more), 200, ok(result), stored=STORED, left=left)


def refused(name: str, params: Any, body: Any, status: int = 400, **more: Any) -> Row:
    return Row(name, Call(UPDATE, params, **more), status, body, stored=STORED)


def wrong(name: str, params: Any, description: str, **more: Any) -> Row:
    return refused(name, params, error(TYPE, description), **more)


def conflict(name: str, params: Any, **conflicts: str | None) -> Row:
    text = f"if: these keys have changed, so read them again: {', '.join(conflicts)}"
    return refused(name, params, error("ERROR_CONFLICT", text, conflicts=conflicts), 409)


ALL = {
    "set": {"theme": "light"},
    "remove": ["0", "missing"],
    "increment": {"visits": 1, "new": -2},
    "if": {"theme": digest("dark"), "half": digest(0.5)},
}
RESULT = {"new": counted(-2), "theme": digest("light"), "visits": counted(8)}
CHANGED = {"theme": "light", "0": ..., "visits": 8, "new": -2}
DONE_ROWS = [
    *(done(f"all at once, {name}", ALL, RESULT, CHANGED, encoding=name) for name in ENCODINGS),
    done("through a webhook", ALL, RESULT, CHANGED, credential="webhook"),
    done("one key to remove", {"remove": "0"}, {}, {"0": ...}),
    done("an integer to remove", {"remove": 0}, {}, {"0": ...}),
    done("a key twice", {"remove": ["0", "0"]}, {}, {"0": ...}),
    done(
        "lists as objects",
        {"set": ["x"], "increment": [], "if": [digest(None)]},
        {"0": digest("x")},
        {"0": "x"},
    ),
    done(
        "empty texts",
        {"set": {"new": 1}, "remove": "", "increment": "", "if": ""},
        {"new": digest(1)},
        {"new": 1},
    ),
    done("a new key", {"set": {"a": 1}, "if": {"a": None}}, {"a": digest(1)}, {"a": 1}),
    done(
        "a new key, by an empty text",
        {"set": {"a": "1"}, "if": {"a": ""}},
        {"a": digest("1")},
        {"a": "1"},
        encoding="form",
    ),
    done("if of another new key", {"remove": ["0"], "if": {"b": None}}, {}, {"0": ...}),
    done("if of a null", {"remove": ["0"], "if": {"0": digest(None)}}, {}, {"0": ...}),
    *(
        done(f"increment {stored} by {amount!r}", {"increment": {stored: amount}},
             {stored: counted(total)}, {stored: total})
        for stored, amount, total in (
            ("big", 1, 10**30 + 1),
            ("big", -(10**40), 10**30 - 10**40),
            ("half", 1, 1.5),
            ("visits", 0.25, 7.25),
            ("visits", "-8", -1),
            ("visits", " 1e2", 107.0),
            ("missing", 0, 0),
            ("missing", "-0.5", -0.5),
        )
    ),
]  # fmt: skip
OBJECT = "{} must be an object of keys and values"
REFUSED = [
    refused("nothing", {}, NOTHING),
    *(
        refused(f"nothing but {empty!r}", {**dict.fromkeys(("set", "remove", "increment"), empty),
                "if": {"theme": None}}, NOTHING)
        for empty in (None, "", [], {})
        if empty != {}
    ),
    *(
        wrong(f"{name} is {value!r}", {"set": {"a": 1}, name: value}, OBJECT.format(name))
        for name in ("set", "increment", "if")
        for value in (0, 1, False, True, 1.5, CANARY)
    ),
    wrong("remove is an object", {"remove": {"a": 1}}, "remove must be a key or a list of keys"),
    wrong("remove is true", {"remove": True}, "remove: a key must be a string"),
    wrong("remove has a list", {"remove": [["a"]]}, "remove: a key must be a string"),
    *(
        wrong(f"{name} has an empty key", {"set": {"a": 1}, name: given},
              f"{name}: a key must be a string of at least 1 character")
        for name, given in (("set", {"": 1}), ("remove", [""]), ("increment", {"": 1}),
                            ("if", {"": None}))
    ),
    *(
        wrong(f"{name} has a key with NUL", {"set": {"a": 1}, name: given}, f"{name}: {NUL_IN_KEY}")
        for name, given in (("set", {"\0": 1}), ("remove", ["\0"]), ("increment", {"\0": 1}),
                            ("if", {"\0": None}))
    ),
    *(
        refused(f"{name} has a long key", {"set": {"a": 1}, name: given},
                over("max_key_length", 255, 256, f"{name}: a key may have at most 255 characters"))
        for name, given in (("set", {"k" * 256: 1}), ("remove", ["k" * 256]),
                            ("increment", {"k" * 256: 1}), ("if", {"k" * 256: None}))
    ),
    *(
        wrong(f"increment by {amount!r}", {"increment": {"visits": amount}},
              "increment[visits] must be a finite number")
        for amount in (None, True, "", "x", "+1", "1.", "0x1", "١", "Infinity", [], [1], {"a": 1},
                       "9" * 4301, "1e999")
    ),
    *(
        wrong(f"increment by {text}, {encoding}", {"increment": {"visits": text}},
              "increment[visits] must be a finite number", encoding=encoding)
        for text in ("NaN", "1_000")
        for encoding in ENCODINGS
    ),
    wrong("increment a text", {"increment": {"theme": 1}},
          "increment[theme]: the stored value is not a number"),
    wrong("increment a null", {"increment": {"0": 1}},
          "increment[0]: the stored value is not a number"),
    wrong("a sum that is too long", {"increment": {"big": 10**4300 - 1}}, SUM.format("big")),
    *(
        wrong(f"digest {value!r}", {"set": {"a": 1}, "if": {"a": value}},
              "if[a] must be a digest, or null if the key must not exist")
        for value in (0, False, 1.5, [], {}, [None])
    ),
    *(
        wrong(f"a key in {first} and {second}", {first: one, second: other},
              f"{second}: the key a may be in only one of set, remove and increment")
        for first, one, second, other in (
            ("set", {"a": 1}, "remove", ["a"]),
            ("set", {"a": 1}, "increment", {"a": 1}),
            ("remove", ["a"], "increment", {"a": 1}),
        )
    ),
    wrong("a lone surrogate", {"set": {"a": "\udfff"}},
          "set[a] must be text without lone surrogates"),
    refused("a large value", {"set": {"a": CANARY * 10_000}, "remove": ["theme"]},
            over("max_value_bytes", 65536, len(CANARY) * 10_000 + 2,
                 "set[a] may have at most 65536 bytes as JSON")),
    *(
        refused(f"1,001 keys {name}", params,
                over("max_keys_per_call", 1000, 1001,
                     f"{arguments}: one call may name at most 1000 keys"))
        for name, arguments, params in (
            ("to remove", "remove", {"remove": ["a"] * 1001}),
            ("in all", "set, remove, increment and if",
             {"set": {f"k{number}": 1 for number in range(1000)}, "if": {"a": None}}),
        )
    ),
    refused("1,001 keys kept", {"increment": dict.fromkeys(map(str, range(1, 997)), 1)},
            over("max_keys_per_owner", 1000, 5, "increment: at most 1000 keys may be kept")),
    refused("no rights", {**ALL, "user_id": Issued("admin_user_id")}, DENIED),
    conflict("another value", {"set": {"theme": "light"}, "if": {"theme": digest("light")}},
             theme=digest("dark")),
    conflict("must exist", {"increment": {"new": 1}, "if": {"new": digest(0)}}, new=None),
    conflict("must not exist", {"set": {"theme": "x"}, "if": {"theme": None}},
             theme=digest("dark")),
    conflict("several", {"remove": ["0"], "if": {"a": "x", "theme": None, "half": digest(0.5)}},
             a=None, theme=digest("dark")),
]  # fmt: skip


@pytest.mark.database
@table(DONE_ROWS)
def test_the_whole_change_happens(row: Row, server: Server) -> None:
    server.check(row)


@table(REFUSED)
def test_a_refused_change_leaves_everything(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.in_process
@pytest.mark.parametrize(
    ("params", "status", "body"),
    [
        ({}, 400, error("ERROR_ARGUMENT", NOTHING["error_description"], argument="set")),
        ({"set": {"a": 1}, "if": {"a": "x"}}, 409, None),
    ],
)
def test_refusals_of_the_live_dialect(
    params: Any, status: int, body: Any, server: Server, settings: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    answer = server.send(Call(UPDATE, params))
    assert answer.status == status
    assert answer.json == (
        body
        or REFUSED[-2].body
        | {
            "conflicts": {"a": None},
            "error_description": "if: these keys have changed, so read them again: a",
        }
    )


def test_options_of_the_application_and_of_another_user(server: Server) -> None:
    change = {"set": {"a": 1}}
    for call, store in (
        (Call("app.option.update", change, credential="admin_access_token"), APPLICATION),
        (
            Call(
                UPDATE,
                {**change, "user_id": Issued("admin_user_id")},
                credential="admin_access_token",
            ),
            ADMINISTRATOR,
        ),
    ):
        server.check(Row("", call, 200, ok({"a": digest(1)}), left={"a": 1}), store)
    server.check(
        Row("", Call("app.option.update", change), 400, DENIED),
    )


def test_a_batch_counts_with_results_and_keeps_conflicts(server: Server) -> None:
    server.store({"step": 5})
    cmd = {
        "step": "user.option.get?option=step",
        "count": f"{UPDATE}?increment[n]=$result[step]&if[n]=",
        "again": f"{UPDATE}?increment[n]=1&if[n]=",
        "more": f"{UPDATE}?" + urlencode({"remove[]": "step", "if[n]": digest(5)}),
    }
    result = server.call("batch", {"cmd": cmd})
    assert result["result"] == {"step": 5, "count": {"n": counted(5)}, "more": {}}
    assert result["result_error"] == {
        "again": conflict("", {}, n=digest(5)).body,
    }
    assert server.stored() == {"n": 5}


def test_conflicts_in_xml_name_each_key(server: Server) -> None:
    call = Call(UPDATE, {"set": {"a b": 1}, "if": {"a b": "x"}}, path="{method}.xml")
    answer = server.send(call)
    assert answer.status == 409
    assert b'<conflicts><item name="a b" /></conflicts>' in answer.content


@pytest.mark.in_process
def test_a_batch_never_withholds_what_it_has_written(server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_BATCH_RESULT_BYTES": 20}
    result = server.call(
        "batch", {"cmd": {"one": f"{UPDATE}?set[a]=1", "two": f"{UPDATE}?set[b]=1"}}
    )
    assert result["result"] == {"one": {"a": digest("1")}}
    assert result["result_error"]["two"]["limit"] == "max_batch_result_bytes"
    assert server.stored() == {"a": "1"}
