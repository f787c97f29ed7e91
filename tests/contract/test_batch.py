"""`batch`: commands in order, each with its result or its error; results as parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.table import (
    BRACKETS,
    CANARY,
    DENIED,
    EMPTY,
    ENCODINGS,
    NO_SCOPE,
    NO_UTF8,
    NOT_FOUND,
    TIME,
    TOO_LARGE,
    Call,
    Issued,
    Row,
    error,
    ok,
    over,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.contract.server import Server

SET, GET = "user.option.set", "user.option.get"
ONE = f"{GET}?option=a"
STORED = {"a": "1", "list": ["x", "y"], "b": {"c": "d"}, "null": None, "true": True, "n": 7}
TYPE, REQUEST = "ArgumentTypeException", "INVALID_REQUEST"
NESTED = error("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
TOO_MANY = error("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
STRINGS = error(TYPE, "cmd must be an object or a list of method?query strings")
HALT = error(TYPE, "halt must be 0, 1, true or false")
NO_RESULT = error(REQUEST, "A $result reference does not match any earlier result")
NO_TEXT = error(REQUEST, "A $result reference inside a text must refer to a text or a number")


def answer(results: Mapping[str, Any], errors: Mapping[str, Any]) -> Any:
    """Return the body of a batch; PHP writes empty maps as lists."""
    return ok(
        {
            "result": results or [],
            "result_error": errors or [],
            "result_total": [],
            "result_next": [],
            "result_time": dict.fromkeys(results, TIME) or [],
        }
    )


def batch(cmd: Any, results: Any = (), errors: Any = (), **more: Any) -> tuple[Call, Any]:
    """Return a batch that changes nothing, and its answer."""
    call = Call("batch", {"cmd": cmd, **more.pop("params", {})}, **more)
    return call, answer(dict(results), dict(errors))


def unchanging(encoding: str) -> list[tuple[Call, Any]]:
    bad, halting = {"x": NOT_FOUND}, {"x": "x.y", "set": f"{SET}?options[a]=2"}
    return [
        batch([ONE, f"{GET}?option=null"], {"0": "1", "1": None}, encoding=encoding),
        batch({"a": ONE, **halting}, {"a": "1"}, bad, encoding=encoding, params={"halt": "1"}),
        batch({"x": "x.y", "empty": SET, "a": ONE}, {"a": "1"}, {**bad, "empty": EMPTY},
              encoding=encoding, params={"halt": "0"}),
    ]  # fmt: skip


OTHERS = [
    *(batch({"x": "x.y", "a": ONE}, {"a": "1"}, {"x": NOT_FOUND}, params={"halt": halt})
      for halt in (0, "0", False, "false", None, "")),
    *(batch({"x": "x.y", "a": ONE}, {}, {"x": NOT_FOUND}, params={"halt": halt})
      for halt in (1, "1", True, "true")),
    *(batch(nothing) for nothing in ({}, None, "")),
    batch({"b": "batch?cmd[a]=profile", "c": "BATCH"}, {}, {"b": NESTED, "c": NESTED}),
    batch({"a": 5, "b": [], "c": ONE}, {"c": "1"}, {"a": STRINGS, "b": STRINGS}),
    batch({f"c{number}": ONE for number in range(52)},
          {f"c{number}": "1" for number in range(50)}, {"c50": TOO_MANY, "c51": TOO_MANY}),
    # Credentials inside and the user outside are ignored; rights are asked of each command.
    batch({"a": f"{ONE}&auth=x&access_token=y"}, {"a": "1"}),
    batch({"a": ONE}, {"a": "1"}, params={"user_id": Issued("admin_user_id")}),
    batch({"s": f"app.option.set?options[a]={CANARY}"}, {}, {"s": DENIED}),
    batch({"a": ONE}, {"a": "1"}, credential="webhook"),
    batch({"a": " User.Option.GET ?option=a"}, {"a": "1"}),
    batch({"error": ONE, "result": "x"}, {"error": "1"}, {"result": NOT_FOUND}),
    batch({"a": "profile?x=%FF", "b": "profile?x=\ud800"}, {}, {"a": NO_UTF8, "b": NO_UTF8}),
    batch({"a": "\ud800", "b": "", "c": "?option=a"}, {}, dict.fromkeys("abc", NOT_FOUND)),
    batch({"a": f"{GET}?x" + "[a]" * 33}, {}, {"a": BRACKETS}),
    # A method's name may not come from a result.
    batch({"all": GET, "x": "$result[all][a]"}, {"all": STORED}, {"x": NOT_FOUND}),
    *(batch({"all": GET, "copy": f"{SET}?options[copy]={value}"}, {"all": STORED}, {"copy": body})
      for value, body in (
          *((f"$result[{steps}]", NO_RESULT)
            for steps in ("nobody", "copy", "all][nobody", *(f"all][list][{index}"
                          for index in ("2", "-1", "9999999999")))),
          ("x$result[all][b]", NO_TEXT),
      )),
]  # fmt: skip
# A parameter with references, and what is stored of it.
REFERENCES = [
    ("$result[all]", STORED),
    ("$result[all][b]", {"c": "d"}),
    ("$result[all][b][c]", "d"),
    ("$result[all][list][1]", "y"),
    ("$result[all][null]", None),
    ("is $result[all][true].", "is 1."),
    ("$result[all][a]+$result[all][n]", "1 7"),
    ("%24result%5Ball%5D%5Ba%5D", "1"),
    ("$results[all] $result", "$results[all] $result"),
]


@table(
    Row(
        encoding,
        Call("batch", {"cmd": {"set": f"{SET}?options[a]=2&options[e][f]=%26+3",
                               "get": f"{GET}?option=e"}}, encoding=encoding),
        200,
        answer({"set": True, "get": {"f": "& 3"}}, {}),
        stored=STORED,
        left={**STORED, "a": "2", "e": {"f": "& 3"}},
    )
    for encoding in ENCODINGS
)  # fmt: skip
def test_commands_run_in_order(row: Row, server: Server) -> None:
    server.check(row)


def test_each_command_has_its_result_or_its_error(server: Server) -> None:
    cases = [case for encoding in ENCODINGS for case in unchanging(encoding)]
    server.check_unchanged([*cases, *OTHERS], STORED)


def test_unusable_batch_is_refused(server: Server) -> None:
    for given in ({"cmd": {"\ud800": GET}}, {"cmd": CANARY}, {"cmd": 5}):
        server.expect(Call("batch", given), STRINGS, 400)
    server.expect(Call("batch", {"halt": "maybe"}), HALT, 400)
    call = Call("batch", {"cmd": [GET]}, credential="no_scope_access_token")
    server.expect(call, NO_SCOPE, 403)


def test_batch_results_are_limited_to_4_mib(server: Server) -> None:
    server.store({f"k{number}": "x" * 60_000 for number in range(10)})
    result = server.call("batch", {"cmd": [GET] * 8})
    refusal = over(
        "max_batch_result_bytes",
        4194304,
        7 * len(json.dumps(server.stored(), separators=(",", ":"))),
        "cmd: the results of one batch may have at most 4194304 bytes together",
    )
    assert list(result["result"]) == [str(number) for number in range(6)]
    assert result["result_error"]["6"] == refusal


def test_references_are_replaced_by_what_they_name(server: Server) -> None:
    server.store(STORED)
    for value, copied in REFERENCES:
        commands = {"all": GET, "copy": f"{SET}?options[copy]={value}"}
        assert server.call("batch", {"cmd": commands})["result_error"] == []
        assert server.stored() == {**STORED, "copy": copied}
        server.call("user.option.delete", {"option": "copy"})


def test_reference_in_the_name_of_a_parameter_is_not_replaced(server: Server) -> None:
    server.store({"a": "1"})
    server.call("batch", {"cmd": {"n": ONE, "set": f"{SET}?options[$result[n]]=2"}})
    assert server.stored() == {"a": "1", "$result[n": "2"}


def test_stored_value_in_a_later_command_adds_no_parameter(server: Server) -> None:
    server.store({"a": "x&user_id=1&options[b]=2&option=a"})
    commands = [ONE, f"{SET}?options[copy]=$result[0]"]
    assert server.call("batch", {"cmd": commands})["result_error"] == []
    assert server.stored()["copy"] == "x&user_id=1&options[b]=2&option=a"
    assert set(server.stored()) == {"a", "copy"}


@pytest.mark.parametrize("text", ["{}", "x {} y"])
def test_reference_inside_a_stored_value_is_not_replaced(text: str, server: Server) -> None:
    server.store({"a": "$result[1]", "secret": CANARY})
    copy = f"{SET}?options[copy]={text.format('$result[0]')}"
    server.call("batch", {"cmd": [ONE, f"{GET}?option=secret", copy]})
    assert server.stored()["copy"] == text.format("$result[1]")


def test_references_cannot_make_a_command_larger_than_a_body(server: Server) -> None:
    server.store({"a": "x" * 60_000})
    commands = [ONE, f"{SET}?options[copy]={'$result[0]' * 45}"]
    assert server.call("batch", {"cmd": commands})["result_error"] == {"1": TOO_LARGE}
