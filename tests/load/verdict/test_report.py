"""A result is good only if nothing was lost and nothing else went wrong."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.load.verdict.ledger import Outcome, Write
from tests.load.verdict.report import Result, as_table
from tests.load.verdict.verifier import Problem

ACKNOWLEDGED, REFUSED, UNANSWERED = Outcome.ACKNOWLEDGED, Outcome.REFUSED, Outcome.UNANSWERED


def write(outcome: Outcome, detail: str = "") -> Write:
    return Write({"a": 1}, 1.0, 2.0, outcome, detail)


def test_refused_and_unanswered_writes_are_good() -> None:
    result = Result("races", "SQLite", "REST")
    result.count([write(outcome) for outcome in (ACKNOWLEDGED, REFUSED, UNANSWERED)], [])
    assert (result.good, result.outcomes.total()) == (True, 3)


@pytest.mark.parametrize(
    ("writes", "problems", "complaint"),
    [
        ([], [Problem("lost", "theme")], "key 'theme' is lost"),
        ([write(Outcome.WRONG, "500 oops")], [], "wrong answer: 500 oops"),
    ],
    ids=["a lost key", "a wrong answer"],
)
def test_a_result_with_a_complaint_is_not_good(
    writes: list[Write], problems: list[Problem], complaint: str
) -> None:
    result = Result("races", "SQLite", "REST")
    result.count(writes, problems)
    assert (result.good, result.complaints) == (False, [complaint])


def test_the_table_adds_up_each_scenario_and_then_all() -> None:
    outcomes = Counter({REFUSED: 1, ACKNOWLEDGED: 1000, Outcome.GONE: 4})
    results = [
        Result("races", "PostgreSQL", "REST", writers=16, outcomes=outcomes, seconds=1.5),
        Result("races", "PostgreSQL, serializable", "queryset", writers=4, lost=1),
        Result("faults", "SQLite", "REST", outcomes=Counter({ACKNOWLEDGED: 1}), seconds=1.0),
        Result("races", "MariaDB", "REST", outcomes=Counter({UNANSWERED: 2})),
    ]
    assert as_table(results).splitlines()[2:] == [
        "| races | PostgreSQL, MariaDB | REST, queryset | 16 | 1,007 | 1,000 | 1 | 2 | 1 | 1.5 |",
        "| faults | SQLite | REST | 0 | 1 | 1 | 0 | 0 | 0 | 1.0 |",
        "| all |  |  | 16 | 1,008 | 1,001 | 1 | 2 | 1 | 2.5 |",
    ]
