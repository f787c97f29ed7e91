"""`*.option.update`: set, remove and increment in one change, all or nothing."""

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


def digest(value: Any) -> str:
    return digest_of(encode_json(value))


def counted(value: float) -> dict[str, Any]:
    return {"digest": digest(value), "value": value}


def done(name: str, params: Any, result: Any, changed: Any, **more: Any) -> Row:
    """Return the row of a change; a key that is changed to `...` is gone then."""
    left = {**STORED, **changed}
    left = {key: value for key, value in left.items() if value is not ...}
    return Row(name, Call(UPDATE, params, **more), 200, ok(result), stored=STORED, left=left)


def wrong(description: str, params: Any, **more: Any) -> tuple[Call, Any]:
    return Call(UPDATE, params, **more), error(TYPE, description)


def everywhere(key: str) -> dict[str, Any]:
    """Return each parameter with a key that it may not have."""
    return {"set": {key: 1}, "remove": [key], "increment": {key: 1}, "if": {key: None}}


def changed(**conflicts: str | None) -> Any:
    """Return the answer to a change of options that are not as expected."""
    text = f"if: these keys have changed, so read them again: {', '.join(conflicts)}"
    return error("ERROR_CONFLICT", text, conflicts=conflicts)


ALL = {
    "set": {"theme": "light"},
    "remove": ["0", "missing"],
    "increment": {"visits": 1, "new": -2},
    "if": {"theme": digest("dark"), "half": digest(0.5), "none": None},
}
RESULT = {"new": counted(-2), "theme": digest("light"), "visits": counted(8)}
CHANGED = {"theme": "light", "0": ..., "visits": 8, "new": -2}
DONE = [
    *(done(f"all at once, {name}", {**ALL, "if": {**ALL["if"], "none": ""}}, RESULT, CHANGED,
           encoding=name) for name in ENCODINGS),
    done("all at once, through a webhook", ALL, RESULT, CHANGED, credential="webhook"),
    *(done(f"remove {given!r}", {"remove": given, "if": {"0": digest(None)}}, {}, {"0": ...})
      for given in ("0", 0, ["0", "0"])),
    done("lists as objects", {"set": ["x"], "increment": [], "if": [digest(None)]},
         {"0": digest("x")}, {"0": "x"}),
    done("empty texts", {"set": {"new": 1}, "remove": "", "increment": "", "if": ""},
         {"new": digest(1)}, {"new": 1}),
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
AMOUNTS = [
    *(None, True, "", "x", "+1", "1.", "0x1", "١", "Infinity", "NaN", "1_000"),
    *([], [1], {"a": 1}, "9" * 4301, "1e999"),
]
NO_NUMBER = "increment[visits] must be a finite number"
WRONG = [
    *((Call(UPDATE, {**dict.fromkeys(("set", "remove", "increment"), empty), "if": {"a": None}}),
       NOTHING) for empty in (None, "", [])),
    (Call(UPDATE), NOTHING),
    *(wrong(f"{name} must be an object of keys and values", {"set": {"a": 1}, name: value})
      for name in ("set", "increment", "if") for value in (0, True, 1.5, CANARY)),
    wrong("remove must be a key or a list of keys", {"remove": {"a": 1}}),
    *(wrong("remove: a key must be a string", {"remove": given}) for given in (True, [["a"]])),
    *(wrong(f"{name}: {problem}", {"set": {"a": 1}, name: given})
      for key, problem in (
          ("", "a key must be a string of at least 1 character"), ("\0", NUL_IN_KEY),
      )
      for name, given in everywhere(key).items()),
    *((Call(UPDATE, {"set": {"a": 1}, name: given}),
       over("max_key_length", 255, 256, f"{name}: a key may have at most 255 characters"))
      for name, given in everywhere("k" * 256).items()),
    *(wrong(NO_NUMBER, {"increment": {"visits": amount}}) for amount in AMOUNTS),
    *(wrong(NO_NUMBER, {"increment": {"visits": "NaN"}}, encoding=name) for name in ENCODINGS),
    *(wrong(f"increment[{key}]: the stored value is not a number", {"increment": {key: 1}})
      for key in ("theme", "0")),
    wrong("increment[big]: the sum is not a finite number of at most 4,300 digits",
          {"increment": {"big": 10**4300 - 1}}),
    *(wrong("if[a] must be a digest, or null if the key must not exist",
            {"set": {"a": 1}, "if": {"a": value}}) for value in (0, False, 1.5, [], {}, [None])),
    *(wrong(f"{second}: the key a may be in only one of set, remove and increment",
            {first: everywhere("a")[first], second: everywhere("a")[second]})
      for first, second in (("set", "remove"), ("set", "increment"), ("remove", "increment"))),
    wrong("set[a] must be text without lone surrogates", {"set": {"a": "\udfff"}}),
    (Call(UPDATE, {"set": {"a": CANARY * 10_000}, "remove": ["theme"]}),
     over("max_value_bytes", 65536, len(CANARY) * 10_000 + 2,
          "set[a] may have at most 65536 bytes as JSON")),
    *((Call(UPDATE, params), over("max_keys_per_call", 1000, 1001,
                                  f"{arguments}: one call may name at most 1000 keys"))
      for arguments, params in (
          ("remove", {"remove": ["a"] * 1001}),
          ("set, remove, increment and if",
           {"set": {f"k{number}": 1 for number in range(1000)}, "if": {"a": None}}),
      )),
    (Call(UPDATE, {"increment": dict.fromkeys(map(str, range(1, 997)), 1)}),
     over("max_keys_per_owner", 1000, 5, "increment: at most 1000 keys may be kept")),
    (Call(UPDATE, {**ALL, "user_id": Issued("admin_user_id")}), DENIED),
]  # fmt: skip
CONFLICTS = [
    (
        Call(UPDATE, {"set": {"theme": "light"}, "if": {"theme": digest("light")}}),
        changed(theme=digest("dark")),
    ),
    (Call(UPDATE, {"increment": {"new": 1}, "if": {"new": digest(0)}}), changed(new=None)),
    (
        Call(UPDATE, {"remove": ["0"], "if": {"a": "x", "theme": None, "half": digest(0.5)}}),
        changed(a=None, theme=digest("dark")),
    ),
]


@pytest.mark.database
@table(DONE)
def test_an_update_makes_the_whole_change(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.database
def test_a_refused_update_changes_nothing(server: Server) -> None:
    server.check_unchanged(WRONG, STORED, status=400)
    server.check_unchanged(CONFLICTS, STORED, status=409)


@pytest.mark.in_process
def test_refusals_of_the_live_dialect(server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    nothing = error("ERROR_ARGUMENT", NOTHING["error_description"], argument="set")
    server.expect(Call(UPDATE), nothing, 400)
    call = Call(UPDATE, {"set": {"a": 1}, "if": {"a": "x"}})
    server.expect(call, changed(a=None), 409)


def test_options_of_the_application_and_of_another_user(server: Server) -> None:
    change, credential = {"set": {"a": 1}}, "admin_access_token"
    named = {**change, "user_id": Issued("admin_user_id")}
    for call, store in (
        (Call("app.option.update", change, credential=credential), APPLICATION),
        (Call(UPDATE, named, credential=credential), ADMINISTRATOR),
    ):
        server.check(Row("", call, 200, ok({"a": digest(1)}), left={"a": 1}), store)
    server.expect(Call("app.option.update", change), DENIED, 400)


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
    assert result["result_error"] == {"again": changed(n=digest(5))}
    assert server.stored() == {"n": 5}


def test_conflicts_in_xml_name_each_key(server: Server) -> None:
    call = Call(UPDATE, {"set": {"a b": 1}, "if": {"a b": "x"}}, path="{method}.xml")
    answer = server.send(call)
    assert answer.status == 409
    assert b'<conflicts><item name="a b" /></conflicts>' in answer.content


@pytest.mark.in_process
def test_a_batch_never_withholds_what_it_has_written(server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_BATCH_RESULT_BYTES": 20}
    cmd = {"one": f"{UPDATE}?set[a]=1", "two": f"{UPDATE}?set[b]=1"}
    result = server.call("batch", {"cmd": cmd})
    assert result["result"] == {"one": {"a": digest("1")}}
    assert result["result_error"]["two"]["limit"] == "max_batch_result_bytes"
    assert server.stored() == {"a": "1"}
