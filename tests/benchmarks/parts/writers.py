"""What many writers of the same options do to each other: failed calls, deadlocks, lost keys."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, connections

from tests.benchmarks import report
from tests.benchmarks.calls import (
    Call,
    CallFailedError,
    Host,
    keys,
    make_application,
    make_owner,
    options,
)
from tests.benchmarks.contenders import BLOB, OURS, paths_to_set
from tests.benchmarks.contenders.blob import DOCUMENT

if TYPE_CHECKING:
    from tests.benchmarks.calls import Owner

WRITERS = 16
CALLS = 400
SHARED_KEYS = 20
OWN_KEYS = 2


@dataclass
class Outcome:
    """What one contender's writers met."""

    failed: int
    lost: int
    kept: int
    deadlocks: str
    seconds: float


def run(*, quick: bool) -> dict[str, float]:
    """Let 16 writers call 400 times; each call brings keys of its own and keys that all share."""
    calls = CALLS // 4 if quick else CALLS
    outcomes = {name: _write(name, path, calls) for name, path in paths_to_set().items()}
    report.heading(
        f"{WRITERS} writers of one owner, {calls} calls of {SHARED_KEYS} shared keys, shuffled, "
        f"and {OWN_KEYS} of their own"
    )
    report.table(
        ("contender", "failed calls", "deadlocks", "own keys lost", "seconds"),
        (
            (
                name,
                f"{one.failed} of {calls}",
                one.deadlocks,
                f"{one.lost} of {one.kept}",
                f"{one.seconds:.1f}",
            )
            for name, one in outcomes.items()
        ),
    )
    return {"writers: failed": outcomes[OURS].failed, "writers: lost": outcomes[OURS].lost}


def _write(name: str, path: str, calls: int) -> Outcome:
    host, owner = Host(), make_owner(make_application())
    host.answer(Call(path, {"options": options(keys(SHARED_KEYS))}, owner.token).environ())
    deadlocks, start = _deadlocks(), time.perf_counter()
    per_writer = calls // WRITERS
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [
            pool.submit(_writer, host, path, owner, f"writer-{number}", per_writer)
            for number in range(WRITERS)
        ]
        acknowledged = {key for writer in writers for key in writer.result()}
    seconds = time.perf_counter() - start
    after = _deadlocks()
    stored = _stored(name, owner)
    return Outcome(
        failed=per_writer * WRITERS - len(acknowledged) // OWN_KEYS,
        lost=len(acknowledged - stored),
        kept=len(acknowledged),
        deadlocks="–" if deadlocks is None or after is None else str(after - deadlocks),
        seconds=seconds,
    )


def _writer(host: Host, path: str, owner: Owner, name: str, calls: int) -> set[str]:
    """Return the keys of its own whose calls were answered with 200."""
    acknowledged: set[str] = set()
    for number in range(calls):
        own = [f"{name}-{number}-{key}" for key in range(OWN_KEYS)]
        names = keys(SHARED_KEYS) + own
        shuffled = random.sample(names, len(names))
        call = Call(path, {"options": options(shuffled)}, owner.token)
        try:
            host.answer(call.environ())
        except CallFailedError:
            continue
        acknowledged.update(own)
    connections.close_all()
    return acknowledged


def _stored(name: str, owner: Owner) -> set[str]:
    from django_user_options.models import AppUserOption

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
        cursor.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        (count,) = cursor.fetchone()
    return count
