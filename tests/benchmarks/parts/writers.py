"""What many writers of the same options do to each other: failed calls, deadlocks, lost keys."""

from __future__ import annotations

import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, connections

from django_user_options.models import AppUserOption
from tests.benchmarks import report
from tests.benchmarks.calls import Call, CallFailedError, Host, keys, options
from tests.benchmarks.contenders import BLOB, OURS, paths_to_set
from tests.benchmarks.contenders.blob import DOCUMENT
from tests.load.owners import make_application, make_owner

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from tests.load.owners import Owner

WRITERS = 16
CALLS = 400
SHARED_KEYS = 20
OWN_KEYS = 2
# PostgreSQL needs a second to find a deadlock; ours has as long as it takes.
_PATIENCE_SECONDS = 8


@dataclass
class Outcome:
    """What one contender's writers met."""

    calls: int
    failed: int
    lost: int
    kept: int
    deadlocks: str
    seconds: float


def run(arguments: Namespace) -> dict[str, float]:
    """Let 16 writers call 400 times; each call brings keys of its own and keys that all share."""
    calls = CALLS // 4 if arguments.quick else CALLS
    outcomes = {name: write(name, path, calls) for name, path in paths_to_set().items()}
    print_outcomes(
        f"{WRITERS} writers of one owner, {calls} calls of {SHARED_KEYS} shared keys, shuffled, "
        f"and {OWN_KEYS} of their own",
        outcomes,
    )
    return {"writers: failed": outcomes[OURS].failed, "writers: lost": outcomes[OURS].lost}


def print_outcomes(title: str, outcomes: Mapping[str, Outcome]) -> None:
    """Print what the writers of each met."""
    report.heading(title)
    report.table(
        ("contender", "failed calls", "deadlocks", "own keys lost", "seconds"),
        (
            (
                name,
                f"{one.failed} of {one.calls}",
                one.deadlocks,
                f"{one.lost} of {one.kept}",
                f"{one.seconds:.1f}",
            )
            for name, one in outcomes.items()
        ),
    )


def write(name: str, path: str, calls: int) -> Outcome:
    """Let the writers make that many calls together, and look at what is left."""
    host, owner = Host(), make_owner(make_application())
    host.answer(Call(path, {"options": options(keys(SHARED_KEYS))}, owner.token).environ())
    deadlocks, start = _deadlocks(), time.perf_counter()
    give_up_at = math.inf if name == OURS else start + _PATIENCE_SECONDS
    write = partial(_writer, host, path, owner, calls=calls // WRITERS, give_up_at=give_up_at)
    with ThreadPoolExecutor(WRITERS) as pool:
        answers = [answer for writer in pool.map(write, range(WRITERS)) for answer in writer]
    seconds = time.perf_counter() - start
    acknowledged = {key for own in answers for key in own}
    return Outcome(
        calls=len(answers),
        failed=answers.count([]),
        lost=len(acknowledged - _stored(name, owner)),
        kept=len(acknowledged),
        deadlocks="–" if deadlocks is None else str((_deadlocks() or 0) - deadlocks),
        seconds=seconds,
    )


def _writer(
    host: Host, path: str, owner: Owner, number: int, *, calls: int, give_up_at: float
) -> list[list[str]]:
    """Return the keys of its own that each call was told are written, none of a failed call."""
    answers: list[list[str]] = []
    while len(answers) < calls and time.perf_counter() < give_up_at:
        own = [f"writer-{number}-{len(answers)}-{key}" for key in range(OWN_KEYS)]
        names = keys(SHARED_KEYS) + own
        shuffled = random.sample(names, len(names))
        try:
            host.answer(Call(path, {"options": options(shuffled)}, owner.token).environ())
        except CallFailedError:
            own = []
        answers.append(own)
    connections.close_all()
    return answers


def _stored(name: str, owner: Owner) -> set[str]:
    rows: dict[str, Any] = AppUserOption.objects.for_owner(
        owner.application, owner.user
    ).as_mapping()
    return set(rows[DOCUMENT] if name == BLOB else rows)


def _deadlocks() -> int | None:
    """Return how many the database has counted; None where it does not count its own."""
    if connection.vendor != "postgresql":
        return None
    # A server process reports its counts when it ends; these have just ended.
    time.sleep(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (count,) = cursor.fetchone()
    return count
