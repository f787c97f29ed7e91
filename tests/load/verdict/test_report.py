"""A result is good only if nothing was lost and nothing else is to be complained about."""

from __future__ import annotations

import pytest

from tests.load.verdict.ledger import Outcome, Write
from tests.load.verdict.report import Result, as_table, by_scenario
from tests.load.verdict.verifier import Problem


@pytest.fixture
def result() -> Result:
    return Result("races", "SQLite", "REST", writers=16, seconds=1.25)


def write(outcome: Outcome, detail: str = "") -> Write:
    return Write({"a": 1}, 1.0, 2.0, outcome, detail)


def test_refusals_and_broken_connections_are_counted_and_good(result: Result) -> None:
    outcomes = [Outcome.ACKNOWLEDGED, Outcome.REFUSED, Outcome.REFUSED, Outcome.UNANSWERED]
    result.count(map(write, outcomes), [])
    result.count([write(Outcome.ACKNOWLEDGED)], [])
    assert result.good
    assert (result.tried, result.acknowledged, result.refused, result.unanswered) == (5, 2, 2, 1)


def test_a_lost_key_is_not_good(result: Result) -> None:
    result.count([], [Problem("lost", "theme")])
    assert not result.good
    assert result.lost == 1
    assert result.complaints == ["key 'theme' is lost"]


def test_a_wrong_answer_is_not_good(result: Result) -> None:
    result.count([write(Outcome.WRONG, "500 oops")], [])
    assert not result.good
    assert result.complaints == ["wrong answer: 500 oops"]


def test_the_table_ends_with_the_sums(result: Result) -> None:
    result.count([write(Outcome.ACKNOWLEDGED)] * 1000, [])
    other = Result("faults", "MariaDB", "queryset", writers=4, refused=2, tried=2, seconds=2.5)
    assert as_table([result, other]).splitlines()[2:] == [
        "| races | SQLite | REST | 16 | 1,000 | 1,000 | 0 | 0 | 0 | 1.2 |",
        "| faults | MariaDB | queryset | 4 | 2 | 0 | 2 | 0 | 0 | 2.5 |",
        "| all |  |  | 16 | 1,002 | 1,000 | 2 | 0 | 0 | 3.8 |",
    ]


def test_the_table_of_nothing_is_one_of_zeros() -> None:
    assert as_table([]).endswith("| all |  |  | 0 | 0 | 0 | 0 | 0 | 0 | 0.0 |")


def test_the_results_of_a_scenario_are_added_up() -> None:
    rows = by_scenario(
        [
            Result("races", "PostgreSQL", "REST", writers=16, tried=5, refused=1, seconds=1.5),
            Result("races", "PostgreSQL, serializable", "queryset", writers=4, tried=7, lost=1),
            Result("faults", "SQLite", "REST", writers=16, tried=1, acknowledged=1),
            Result("races", "MariaDB", "REST", unanswered=2),
        ]
    )
    assert as_table(rows).splitlines()[2:4] == [
        "| races | PostgreSQL, MariaDB | REST, queryset | 16 | 12 | 0 | 1 | 2 | 1 | 1.5 |",
        "| faults | SQLite | REST | 16 | 1 | 1 | 0 | 0 | 0 | 0.0 |",
    ]
