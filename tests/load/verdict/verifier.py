"""Compares what writers were told with what the database kept.

A key may hold what a write left that no acknowledged write came after. A write that was not
acknowledged may have taken effect at any later moment, or never.
"""

from __future__ import annotations

import math
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.load.verdict.ledger import ABSENT, Write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_BEFORE_ALL = Write({}, -math.inf)


class Problem(NamedTuple):
    """What the database should not have kept, or should have."""

    kind: str
    key: str


def find_problems(
    writes: Iterable[Write], stored: Mapping[str, Any], *, deletes_may_miss: bool = False
) -> list[Problem]:
    """Return every key whose stored state the writes do not explain, empty when all is well.

    Kinds are `lost`: an acknowledged key is not there; `stale`: its value was written, but an
    acknowledged write came later; `unknown`: nobody wrote that; `torn`: the last values are
    those of calls of which each must have come before the other.

    Args:
        writes: What all writers sent and were told.
        stored: What the database holds.
        deletes_may_miss: Whether a delete takes effect for its own writer's keys alone: a node of
            a cluster may not know yet what another node has acknowledged.
    """
    touching = _by_key(writes)
    last: dict[str, Write] = {}
    problems = []
    for key in sorted({*touching, *stored}):
        found = stored.get(key, ABSENT)
        explanations = [write for write in touching[key] if write.states[key] == found]
        if found is ABSENT:
            explanations.append(_BEFORE_ALL)
        possible = [
            write
            for write in explanations
            if not _superseded(key, write, touching[key], deletes_may_miss=deletes_may_miss)
        ]
        if not possible:
            kind = "lost" if found is ABSENT else "stale" if explanations else "unknown"
            problems.append(Problem(kind, key))
        elif len(possible) == 1:
            last[key] = possible[0]
    return problems + _torn(last)


def _by_key(writes: Iterable[Write]) -> defaultdict[str, list[Write]]:
    touching: defaultdict[str, list[Write]] = defaultdict(list)
    for write in writes:
        for key in write.states:
            touching[key].append(write)
    return touching


def _superseded(
    key: str, write: Write, touching: Sequence[Write], *, deletes_may_miss: bool
) -> bool:
    end = -math.inf if write is _BEFORE_ALL else write.end
    later = [other for other in touching if other.acknowledged and other.start > end]
    return any(
        other.states[key] is not ABSENT or other.writer == write.writer or not deletes_may_miss
        for other in later
    )


def _torn(last: Mapping[str, Write]) -> list[Problem]:
    """Return a problem if no order of the calls that came last explains the values together.

    Deletes stand aside: that one takes all of its keys at one moment is not promised.
    """
    setting = {key: write for key, write in last.items() if write.states.get(key) is not ABSENT}
    touching = _by_key(setting.values())
    before: defaultdict[Write, set[Write]] = defaultdict(set)
    for key, final in setting.items():
        others = set(touching[key])
        if final is not _BEFORE_ALL:
            before[final] |= others - {final}
        elif others:
            return [Problem("torn", key)]
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        one, other, *_ = error.args[1]
        return [Problem("torn", ", ".join(sorted({*one.states} & {*other.states})))]
    return []
