"""The result of a run as a table, and whether it was a good one."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import starmap
from typing import TYPE_CHECKING

from tests.load.verdict.ledger import Outcome, Write, tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.load.verdict.verifier import Problem


@dataclass
class Result:
    """What came of one scenario.

    Attributes:
        lost: Keys whose stored state the writes do not explain.
        notes: What else is worth knowing.
        complaints: What else was not as promised.
    """

    scenario: str
    database: str
    door: str
    writers: int = 0
    tried: int = 0
    acknowledged: int = 0
    refused: int = 0
    unanswered: int = 0
    lost: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def count(self, writes: Iterable[Write], problems: Iterable[Problem]) -> None:
        """Add the writes of one load, and what was wrong with what the database kept."""
        writes, problems = list(writes), list(problems)
        outcomes = tally(writes)
        self.tried += len(writes)
        self.acknowledged += outcomes[Outcome.ACKNOWLEDGED]
        self.refused += outcomes[Outcome.REFUSED]
        self.unanswered += outcomes[Outcome.UNANSWERED]
        self.lost += len(problems)
        self.complaints += starmap("key {1!r} is {0}".format, problems)
        self.complaints += [
            f"wrong answer: {write.detail}" for write in writes if write.outcome is Outcome.WRONG
        ]

    @property
    def good(self) -> bool:
        return not self.lost and not self.complaints


def by_scenario(results: Iterable[Result]) -> list[Result]:
    """Return one result per scenario, the sum of those on all databases and through both doors."""
    sums: dict[str, Result] = {}
    for each in results:
        row = sums.setdefault(each.scenario, Result(each.scenario, "", ""))
        row.database = _with(row.database, each.database.partition(",")[0])
        row.door = _with(row.door, each.door)
        row.writers = max(row.writers, each.writers)
        for name in (*_SUMS, "seconds"):
            setattr(row, name, getattr(row, name) + getattr(each, name))
    return list(sums.values())


def _with(names: str, name: str) -> str:
    return names if name in names.split(", ") else ", ".join(filter(None, (names, name)))


_SUMS = ("tried", "acknowledged", "refused", "unanswered", "lost")
_COLUMNS = (
    "scenario",
    "database",
    "through",
    "writers",
    "writes tried",
    "acknowledged",
    "refused (503)",
    "connection errors",
    "keys lost",
    "seconds",
)


def as_table(results: Iterable[Result]) -> str:
    """Return the results as a table in Markdown, the sums in its last line."""
    results = list(results)
    rows = [_COLUMNS, ("---",) * 3 + ("---:",) * 7]
    rows += [(each.scenario, each.database, each.door, *_figures([each])) for each in results]
    rows.append(("all", "", "", *_figures(results)))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _figures(results: list[Result]) -> tuple[str, ...]:
    return (
        str(max((each.writers for each in results), default=0)),
        *(f"{sum(getattr(each, name) for each in results):,}" for name in _SUMS),
        f"{sum(each.seconds for each in results):.1f}",
    )
