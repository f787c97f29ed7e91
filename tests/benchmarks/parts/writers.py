"""What many writers of the same options do to each other: failed calls, deadlocks, lost keys."""

from __future__ import annotations

import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, connections

from django_user_options.models import AppUserOption
from tests.benchmarks import report
from tests.benchmarks.calls import Call, CallFailedError, Project, keys, options
from tests.benchmarks.contenders import BLOB, OURS, PATHS_TO_SET
from tests.benchmarks.contenders.drf import DOCUMENT
from tests.load.owners import make_owner

if TYPE_CHECKING:
    from tests.load.owners import Owner

WRITERS = 16
CALLS = 400
SHARED_KEYS = 20
OWN_KEYS = 2
# PostgreSQL needs a second to find a deadlock; ours has as long as it takes.
_PATIENCE_SECONDS = 8


def run(*, quick: bool) -> dict[str, float]:
    """Let 16 writers call 400 times; each call brings keys of its own and keys that all share."""
    calls = CALLS // 4 if quick else CALLS
    rows, figures = [], {}
    for name, path in PATHS_TO_SET.items():
        owner, deadlocks, start = make_owner(), _deadlocks(), time.perf_counter()
        give_up_at = math.inf if name == OURS else start + _PATIENCE_SECONDS
        answers = _write(path, owner, calls // WRITERS, give_up_at)
        seconds = time.perf_counter() - start
        acknowledged = {key for own in answers for key in own}
        failed, lost = answers.count([]), len(acknowledged - _stored(name, owner))
        if name == OURS:
            figures = {"writers: failed": failed, "writers: lost": lost}
        rows.append(
            (
                name,
                f"{failed} of {len(answers)}",
                _deadlocks() - deadlocks if connection.vendor == "postgresql" else "–",
                f"{lost} of {len(acknowledged)}",
                f"{seconds:.1f}",
            )
        )
    report.table(
        f"{WRITERS} writers of one owner, {calls} calls of {SHARED_KEYS} shared keys, shuffled, "
        f"and {OWN_KEYS} of their own",
        ("contender", "failed calls", "deadlocks", "own keys lost", "seconds"),
        rows,
    )
    return figures


def _write(path: str, owner: Owner, calls: int, give_up_at: float) -> list[list[str]]:
    """Return the keys of its own that each call was told are written, none of a failed call."""
    project = Project()
    project.answer(Call(path, {"options": options(keys(SHARED_KEYS))}, owner.token).environ())
    write = partial(_writer, project, path, owner, calls=calls, give_up_at=give_up_at)
    with ThreadPoolExecutor(WRITERS) as pool:
        return [answer for writer in pool.map(write, range(WRITERS)) for answer in writer]


def _writer(
    project: Project, path: str, owner: Owner, number: int, *, calls: int, give_up_at: float
) -> list[list[str]]:
    answers: list[list[str]] = []
    while len(answers) < calls and time.perf_counter() < give_up_at:
        own = [f"writer-{number}-{len(answers)}-{key}" for key in range(OWN_KEYS)]
        names = keys(SHARED_KEYS) + own
        shuffled = random.sample(names, len(names))
        try:
            project.answer(Call(path, {"options": options(shuffled)}, owner.token).environ())
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


def _deadlocks() -> int:
    """Return how many the database has counted; only PostgreSQL counts its own."""
    if connection.vendor != "postgresql":
        return 0
    # A server process reports its counts when it ends; these have just ended.
    time.sleep(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (count,) = cursor.fetchone()
    return count
