"""What is to be reached, and whether it was."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from django.db import connection

from tests.benchmarks import report

if TYPE_CHECKING:
    from collections.abc import Mapping

_AT_MOST, _AT_LEAST = "at most", "at least"
_HOLDS = {_AT_MOST: operator.le, _AT_LEAST: operator.ge}

TARGETS = {
    "set 2: ours / floor": (_AT_MOST, 2.5),
    "set 20: ours / floor": (_AT_MOST, 1.4),
    "set 100: ours / floor": (_AT_MOST, 1.0),
    "set 2: bulk_create / ours": (_AT_LEAST, 2.2),
    "set 20: bulk_create / ours": (_AT_LEAST, 3.5),
    "set 20: update_or_create / ours": (_AT_LEAST, 20),
    "throughput 2: ours / floor": (_AT_LEAST, 0.55),
    "throughput 20: ours / floor": (_AT_LEAST, 0.90),
    "get all: ours / floor": (_AT_MOST, 2),
    "growth: 5e6 rows / 1e3": (_AT_MOST, 1.15),
    "growth: 1,000 options / 20": (_AT_MOST, 1.15),
    "writers: failed": (_AT_MOST, 0),
    "writers: lost": (_AT_MOST, 0),
}


def print_targets(figures: Mapping[str, float]) -> None:
    """Print every target that was measured, and say whether it holds; they are PostgreSQL's."""
    if connection.vendor != "postgresql" or not figures:
        return
    report.heading("targets")
    report.table(
        ("target", "is to be", "is", "reached"),
        (
            (
                name,
                f"{bound} {limit:g}",
                f"{figures[name]:.2f}",
                "yes" if _HOLDS[bound](figures[name], limit) else "**no**",
            )
            for name, (bound, limit) in TARGETS.items()
            if name in figures
        ),
    )
