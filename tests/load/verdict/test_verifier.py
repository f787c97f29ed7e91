"""The verifier reports every problem, and a correct run without any."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.load.verdict.ledger import ABSENT, Outcome, Write
from tests.load.verdict.verifier import find_problems


def acknowledged(start: float, answered: float, writer: str = "", **states: Any) -> Write:
    return Write(states, start, answered, Outcome.ACKNOWLEDGED, writer=writer)


def unsure(start: float, **states: Any) -> Write:
    return Write(states, start)


class Case(NamedTuple):
    writes: list[Write]
    stored: dict[str, Any]
    problems: list[tuple[str, str]]
    is_cluster: bool = False


BEFORE, AFTER = acknowledged(1, 2, a="old"), acknowledged(3, 4, a="new")
ONE, OTHER = acknowledged(1, 3, a=1, b=1), acknowledged(2, 4, a=2, b=2)
DELETE = acknowledged(4, 6, a=ABSENT)
SET_BEFORE, SET_MEANWHILE = acknowledged(1, 2, a=1), acknowledged(3, 5, a=2)
REFUSED = Write({"a": "unsure"}, 1, 2, Outcome.REFUSED)
UNSURE, SURE = unsure(1, a="unsure"), acknowledged(5, 6, a="sure")
TORN = unsure(1, a=1, b=1)
SEVERAL = [acknowledged(1, 2, a=None), acknowledged(2, 3, b=2), acknowledged(3, 4, c=3)]
MINE, NEIGHBOR = acknowledged(1, 2, "mine", a=1), acknowledged(3, 4, "neighbor", a=2)
NEIGHBORS_DELETE = acknowledged(5, 6, "neighbor", a=ABSENT)
# b: the first came before the second; c: that before the third; a: that before the first.
CIRCLE = [acknowledged(1, 9, a=1, b=1), acknowledged(2, 9, b=2, c=2), acknowledged(3, 9, c=3, a=3)]

CASES = {
    "some are not there": Case(SEVERAL, {"a": None}, [("lost", "b"), ("lost", "c")]),
    "nobody wrote the key": Case([], {"a": 1}, [("unknown", "a")]),
    "nobody wrote the value": Case([BEFORE], {"a": "other"}, [("unknown", "a")]),
    "an older value": Case([BEFORE, AFTER], {"a": "old"}, [("stale", "a")]),
    "the newer value": Case([BEFORE, AFTER], {"a": "new"}, []),
    "one of two at the same time": Case([ONE, OTHER], {"a": 1, "b": 1}, []),
    "half of each of two at the same time": Case(
        [ONE, OTHER], {"a": 1, "b": 2}, [("torn", "a, b")]
    ),
    "three in a circle": Case(CIRCLE, {"a": 1, "b": 2, "c": 3}, [("torn", "b")]),
    "an unanswered write took effect late": Case([UNSURE, SURE], {"a": "unsure"}, []),
    "an unanswered write took no effect": Case([UNSURE, SURE], {"a": "sure"}, []),
    "an unanswered write excuses no loss": Case([UNSURE, SURE], {}, [("lost", "a")]),
    "a refused write took effect late": Case([REFUSED, SURE], {"a": "unsure"}, []),
    "half of an unanswered write": Case([TORN], {"a": 1}, [("torn", "b")]),
    "all of an unanswered write": Case([TORN], {"a": 1, "b": 1}, []),
    "nothing of an unanswered write": Case([TORN], {}, []),
    "it is deleted": Case([SET_BEFORE, SET_MEANWHILE, DELETE], {}, []),
    "set while it was deleted": Case([SET_BEFORE, SET_MEANWHILE, DELETE], {"a": 2}, []),
    "back after the delete": Case([SET_BEFORE, DELETE], {"a": 1}, [("stale", "a")]),
    "lost after the delete": Case([DELETE, acknowledged(7, 8, a=1)], {}, [("lost", "a")]),
    "a delete of one key beside a set of two": Case(
        [ONE, acknowledged(2, 4, a=ABSENT, b=ABSENT)], {"b": 1}, []
    ),
    "two writes share the value": Case(
        [unsure(1, a=1, b=1), unsure(1, a=1, b=2)], {"a": 1, "b": 2}, []
    ),
    "a node's delete missed another's key": Case(
        [MINE, NEIGHBORS_DELETE], {"a": 1}, [], is_cluster=True
    ),
    "a node's delete missed its own key": Case(
        [MINE, NEIGHBOR, NEIGHBORS_DELETE], {"a": 2}, [("stale", "a")], is_cluster=True
    ),
    "a node's own key came before another's": Case(
        [MINE, NEIGHBOR, NEIGHBORS_DELETE], {"a": 1}, [("stale", "a")], is_cluster=True
    ),
    "no node is behind without a cluster": Case(
        [MINE, NEIGHBORS_DELETE], {"a": 1}, [("stale", "a")]
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_verdict(case: Case) -> None:
    found = find_problems(case.writes, case.stored, deletes_may_miss=case.is_cluster)
    assert found == case.problems
