"""The result of a run as a table, and whether it was a good one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import starmap
from typing import TYPE_CHECKING

from tests.load.verdict.ledger import Outcome, Write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.load.verdict.verifier import Problem


@dataclass
class Result:
    """What came of one scenario.

    Attributes:
        place: The database, and how Django is connected to it.
        outcomes: How many writes had each outcome.
        lost: Keys whose stored state the writes do not explain.
        notes: What else is worth knowing.
        complaints: What else was not as promised.
    """

    scenario: str
    place: str
    door: str
    writers: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    lost: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def count(self, writes: Sequence[Write], problems: Sequence[Problem]) -> None:
        """Add the writes of one load, and what was wrong with what the database kept."""
        self.outcomes.update(write.outcome for write in writes)
        self.lost += len(problems)
        self.complaints += starmap("key {1!r} is {0}".format, problems)
        self.complaints += [
            f"wrong answer: {write.detail}" for write in writes if write.outcome is Outcome.WRONG
        ]

    @property
    def good(self) -> bool:
        return not self.lost and not self.complaints


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


def as_table(results: Sequence[Result]) -> str:
    """Return a table in Markdown.

    Each scenario has one line, for all databases and both doors; the sums are in the last line.
    """
    by_scenario: dict[str, list[Result]] = {}
    for each in results:
        by_scenario.setdefault(each.scenario, []).append(each)
    rows = [_COLUMNS, ("---",) * 3 + ("---:",) * 7]
    for scenario, own in by_scenario.items():
        databases = dict.fromkeys(each.place.partition(",")[0] for each in own)
        doors = dict.fromkeys(each.door for each in own)
        rows.append((scenario, ", ".join(databases), ", ".join(doors), *_figures(own)))
    rows.append(("all", "", "", *_figures(results)))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _figures(results: Sequence[Result]) -> tuple[str, ...]:
    outcomes = sum((each.outcomes for each in results), Counter[Outcome]())
    told_apart = (Outcome.ACKNOWLEDGED, Outcome.REFUSED, Outcome.UNANSWERED)
    counted = [outcomes[each] for each in told_apart]
    lost = sum(each.lost for each in results)
    return (
        str(max((each.writers for each in results), default=0)),
        *(f"{number:,}" for number in (outcomes.total(), *counted, lost)),
        f"{sum(each.seconds for each in results):.1f}",
    )
