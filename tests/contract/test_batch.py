"""`batch`: commands in order, each with its result or its error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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
STORED = {"a": "1", "list": ["x", "y"], "b": {"c": "d"}, "null": None, "true": True, "n": 7}
NESTED = error("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
TOO_MANY = error("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
STRINGS = error("ArgumentTypeException", "cmd must be an object or a list of method?query strings")


def answer(results: Mapping[str, Any], errors: Mapping[str, Any] | None = None) -> Any:
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


def batch(
    name: str, cmd: Any, results: Any, errors: Any = None, left: Any = None, **more: Any
) -> Row:
    call = Call("batch", {"cmd": cmd, **more.pop("params", {})}, **more)
    return Row(name, call, 200, answer(results, errors), stored=STORED, left=left)


ENCODED = [
    row
    for encoding in ENCODINGS
    for row in (
        batch(
            f"object, {encoding}",
            {"set": f"{SET}?options[a]=2&options[e][f]=%26+3", "get": f"{GET}?option=e"},
            {"set": True, "get": {"f": "& 3"}},
            left={**STORED, "a": "2", "e": {"f": "& 3"}},
            encoding=encoding,
        ),
        batch(
            f"list, {encoding}",
            [f"{GET}?option=a", f"{GET}?option=null"],
            {"0": "1", "1": None},
            encoding=encoding,
        ),
        batch(
            f"goes on, {encoding}",
            {"x": "x.y", "empty": SET, "a": f"{GET}?option=a"},
            {"a": "1"},
            {"x": NOT_FOUND, "empty": EMPTY},
            encoding=encoding,
            params={"halt": "0"},
        ),
        batch(
            f"halts, {encoding}",
            {"a": f"{GET}?option=a", "x": "x.y", "set": f"{SET}?options[a]=2"},
            {"a": "1"},
            {"x": NOT_FOUND},
            encoding=encoding,
            params={"halt": "1"},
        ),
    )
]
HALT = [
    batch(
        f"halt {halt!r}",
        {"x": "x.y", "a": f"{GET}?option=a"},
        {} if stops else {"a": "1"},
        {"x": NOT_FOUND},
        params={"halt": halt},
    )
    for stops, values in ((False, [0, "0", False, None]), (True, [1, "1", True]))
    for halt in values
]
OTHERS = [
    batch("nothing", {}, {}),
    batch("no commands at all", None, {}),
    batch("an empty text", "", {}),
    batch(
        "batch in batch",
        {"b": "batch?cmd[a]=profile", "c": "BATCH"},
        {},
        {"b": NESTED, "c": NESTED},
    ),
    batch(
        "no string",
        {"a": 5, "b": [], "c": f"{GET}?option=a"},
        {"c": "1"},
        {"a": STRINGS, "b": STRINGS},
    ),
    batch(
        "51 commands",
        {f"c{number}": f"{GET}?option=a" for number in range(52)},
        {f"c{number}": "1" for number in range(50)},
        {"c50": TOO_MANY, "c51": TOO_MANY},
    ),
    batch(
        "credentials inside are ignored", {"a": f"{GET}?option=a&auth=x&access_token=y"}, {"a": "1"}
    ),
    batch(
        "user_id outside is ignored",
        {"a": f"{GET}?option=a"},
        {"a": "1"},
        params={"user_id": Issued("admin_user_id")},
    ),
    batch(
        "rights are asked of each command",
        {"s": f"app.option.set?options[a]={CANARY}"},
        {},
        {"s": DENIED},
    ),
    batch("through a webhook", {"a": f"{GET}?option=a"}, {"a": "1"}, credential="webhook"),
    batch("case of names", {"a": "User.Option.GET?option=a"}, {"a": "1"}),
    batch(
        "special identifiers",
        {"error": f"{GET}?option=a", "result": "x"},
        {"error": "1"},
        {"result": NOT_FOUND},
    ),
    batch(
        "command that is no UTF-8",
        {"a": "profile?x=%FF", "b": "profile?x=\ud800"},
        {},
        {"a": NO_UTF8, "b": NO_UTF8},
    ),
    batch(
        "name that is no UTF-8",
        {"a": "\ud800", "b": "", "c": "?option=a"},
        {},
        dict.fromkeys("abc", NOT_FOUND),
    ),
    batch("33 brackets", {"a": f"{GET}?x" + "[a]" * 33}, {}, {"a": BRACKETS}),
    Row("identifier that is no UTF-8", Call("batch", {"cmd": {"\ud800": GET}}), 400, STRINGS),
    Row("cmd a text", Call("batch", {"cmd": CANARY}), 400, STRINGS),
    Row("cmd a number", Call("batch", {"cmd": 5}), 400, STRINGS),
    Row(
        "halt a word",
        Call("batch", {"halt": "maybe"}),
        400,
        error("ArgumentTypeException", "halt must be 0, 1, true or false"),
    ),
    Row("scope", Call("batch", {"cmd": [GET]}, credential="no_scope_access_token"), 403, NO_SCOPE),
]


@table([*ENCODED, *HALT, *OTHERS])
def test_each_command_has_its_result_or_its_error(row: Row, server: Server) -> None:
    server.check(row)


def test_results_together_may_not_pass_4_mib(server: Server) -> None:
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
