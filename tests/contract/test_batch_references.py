"""References in a batch: results of earlier commands as parameters of later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.table import CANARY, NOT_FOUND, TOO_LARGE, Row, error, table
from tests.contract.test_batch import GET, SET, STORED, batch

if TYPE_CHECKING:
    from tests.contract.server import Server

NO_RESULT = error("INVALID_REQUEST", "A $result reference does not match any earlier result")
NO_TEXT = error(
    "INVALID_REQUEST", "A $result reference inside a text must refer to a text or a number"
)


def copied(name: str, value: str, result: Any) -> Row:
    """Return the row that reads all options and stores a value in which they are referred to."""
    commands = {"all": GET, "copy": f"{SET}?options[copy]={value}"}
    results = {"all": STORED, "copy": True}
    return batch(name, commands, results, left={**STORED, "copy": result})


def unresolved(name: str, value: str, body: Any) -> Row:
    commands = {"all": GET, "copy": f"{SET}?options[copy]={value}"}
    return batch(name, commands, {"all": STORED}, {"copy": body})


REFERENCES = [
    copied("a whole result", "$result[all]", STORED),
    copied("a field", "$result[all][b]", {"c": "d"}),
    copied("a field's field", "$result[all][b][c]", "d"),
    copied("an element", "$result[all][list][1]", "y"),
    copied("null", "$result[all][null]", None),
    copied("true in a text", "is $result[all][true].", "is 1."),
    copied("two in a text", "$result[all][a]+$result[all][n]", "1 7"),
    copied("percent-encoded", "%24result%5Ball%5D%5Ba%5D", "1"),
    copied("no reference", "$results[all] $result", "$results[all] $result"),
    unresolved("unknown command", "$result[nobody]", NO_RESULT),
    unresolved("itself", "$result[copy]", NO_RESULT),
    unresolved("unknown field", "$result[all][nobody]", NO_RESULT),
    unresolved("an object in a text", "x$result[all][b]", NO_TEXT),
    batch(
        "not in method names",
        {"all": GET, "x": "$result[all][a]"},
        {"all": STORED},
        {"x": NOT_FOUND},
    ),
    batch(
        "not in parameter names",
        {"n": f"{GET}?option=a", "set": f"{SET}?options[$result[n]]=2"},
        {"n": "1", "set": True},
        left={**STORED, "$result[n": "2"},
    ),
]


@table(REFERENCES)
def test_reference_is_replaced_by_what_it_names(row: Row, server: Server) -> None:
    server.check(row)


def test_stored_value_put_into_a_later_command_adds_no_parameter(server: Server) -> None:
    server.store({"a": "x&user_id=1&options[b]=2&option=a"})
    commands = [f"{GET}?option=a", f"{SET}?options[copy]=$result[0]"]
    assert server.call("batch", {"cmd": commands})["result_error"] == []
    assert server.stored()["copy"] == "x&user_id=1&options[b]=2&option=a"
    assert set(server.stored()) == {"a", "copy"}


@pytest.mark.parametrize("text", ["{}", "x {} y"])
def test_reference_inside_a_stored_value_is_not_replaced(text: str, server: Server) -> None:
    server.store({"a": "$result[1]", "secret": CANARY})
    copy = f"{SET}?options[copy]={text.format('$result[0]')}"
    server.call("batch", {"cmd": [f"{GET}?option=a", f"{GET}?option=secret", copy]})
    assert server.stored()["copy"] == text.format("$result[1]")


def test_command_may_not_grow_past_the_limit_of_a_body(server: Server) -> None:
    server.store({"a": "x" * 60_000})
    references = "$result[0]" * 45
    commands = [f"{GET}?option=a", f"{SET}?options[copy]={references}"]
    result = server.call("batch", {"cmd": commands})
    assert result["result_error"] == {"1": TOO_LARGE}
