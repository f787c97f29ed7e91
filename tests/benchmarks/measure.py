"""Measuring contenders side by side, so that what the machine does meanwhile hits all alike."""

from __future__ import annotations

import gc
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection

from tests.benchmarks import report
from tests.benchmarks.contenders import FLOOR
from tests.benchmarks.report import ratio, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.benchmarks.calls import Call, Project

    MakeCall = Callable[[], Call]

_BLOCK_SECONDS = 0.03
_LARGEST_BLOCK = 10
_WARM_UP_CALLS = 5
_FEWEST_ROUNDS = 5
_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass
class Series:
    """Milliseconds of one call, one entry for each round."""

    cpu: list[float] = field(default_factory=list)
    elapsed: list[float] = field(default_factory=list)


def interleave(
    project: Project,
    contenders: Mapping[str, MakeCall],
    *,
    seconds: float,
    largest_block: int = _LARGEST_BLOCK,
) -> dict[str, Series]:
    """Call the contenders in turns for about that long and return a series for each.

    A round calls each of them in a small block, in a random order. Garbage is collected before
    a block, so that none pays for another's; what is collected within it is its own cost. The
    CPU time is that of this thread: Python, the driver and, with SQLite, the engine.
    """
    sizes = {}
    for name, make_call in contenders.items():
        _block(project, make_call, _WARM_UP_CALLS)
        _, milliseconds = _block(project, make_call, 1)
        sizes[name] = min(max(int(_BLOCK_SECONDS * 1000 / milliseconds), 1), largest_block)
    series = {name: Series() for name in contenders}
    gc.collect()
    gc.freeze()
    give_up_at = time.monotonic() + seconds
    rounds = 0
    while rounds < _FEWEST_ROUNDS or time.monotonic() < give_up_at:
        for name in random.sample(list(contenders), len(contenders)):
            cpu, elapsed = _block(project, contenders[name], sizes[name])
            series[name].cpu.append(cpu)
            series[name].elapsed.append(elapsed)
        rounds += 1
    gc.unfreeze()
    return series


def _block(project: Project, make_call: MakeCall, size: int) -> tuple[float, float]:
    environs = [make_call().environ() for _ in range(size)]
    gc.collect()
    elapsed, cpu = time.perf_counter(), time.thread_time()
    for environ in environs:
        project.answer(environ)
    cpu, elapsed = time.thread_time() - cpu, time.perf_counter() - elapsed
    return cpu / size * 1000, elapsed / size * 1000


def compare(
    project: Project, title: str, contenders: Mapping[str, MakeCall], *, seconds: float
) -> dict[str, Series]:
    """Measure the contenders, the floor among them, and print a table."""
    statements = {
        name: count_statements(project, make_call()) for name, make_call in contenders.items()
    }
    series = interleave(project, contenders, seconds=seconds)
    floor = series[FLOOR].cpu
    report.table(
        title,
        ("contender", "CPU ms", "× floor", "elapsed ms", "statements"),
        (
            (
                name,
                spread(one.cpu),
                f"{ratio(one.cpu, floor):.2f}",
                spread(one.elapsed),
                statements[name],
            )
            for name, one in series.items()
        ),
    )
    return series


def count_statements(project: Project, call: Call) -> str:
    """Return how many statements a call sends, `3`, or `3 + 2` with two like BEGIN and COMMIT."""
    connection.force_debug_cursor = True
    try:
        # Django empties the log when a request starts, and only then.
        project.answer(call.environ())
    finally:
        connection.force_debug_cursor = False
    sent = [query["sql"] for query in connection.queries_log]
    control = sum(sql.startswith(_CONTROL) for sql in sent)
    return f"{len(sent) - control} + {control}" if control else f"{len(sent)}"
