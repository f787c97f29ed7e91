"""Measures contenders side by side, so that other load on the machine affects all alike."""

from __future__ import annotations

import gc
import random
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
    project: Project, contenders: Mapping[str, MakeCall], seconds: float
) -> dict[str, Series]:
    """Call the contenders in turns for about that long and return a series for each.

    A round calls each of them in a small block, in a random order. Garbage is collected before
    a block, so that none pays for another's; garbage collected within a block is its own cost. The
    CPU time is that of this thread: Python, the driver and, with SQLite, the engine.
    """
    sizes = {}
    for name, make_call in contenders.items():
        _block(project, make_call, _WARM_UP_CALLS)
        _, milliseconds = _block(project, make_call, 1)
        sizes[name] = min(max(int(_BLOCK_SECONDS * 1000 / milliseconds), 1), _LARGEST_BLOCK)
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
    project: Project, title: str, contenders: Mapping[str, MakeCall], seconds: float
) -> None:
    """Measure the contenders and print a table, with the ratios to the first of them."""
    statements = {
        name: count_statements(project, make_call()) for name, make_call in contenders.items()
    }
    series = interleave(project, contenders, seconds)
    first = next(iter(series))
    print_table(
        title,
        ("contender", "CPU ms", f"× {first}", "elapsed ms", "statements"),
        (
            (
                name,
                spread(one.cpu),
                f"{ratio(one.cpu, series[first].cpu):.2f}",
                spread(one.elapsed),
                statements[name],
            )
            for name, one in series.items()
        ),
    )


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


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print Markdown; all columns but the first hold figures."""
    print(f"\n## {title}\n\n| {' | '.join(columns)} |")
    print(f"| --- |{' ---: |' * (len(columns) - 1)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")


def ratio(numerator: list[float], denominator: list[float]) -> float:
    """Return the median of the rounds' ratios; both of a round met the same machine."""
    return statistics.median(n / d for n, d in zip(numerator, denominator, strict=True))


def spread(figures: list[float]) -> str:
    """Return the median and the quartiles: `1.23 (1.20–1.31)`."""
    low, middle, high = map(short, statistics.quantiles(figures, n=4))
    return f"{middle} ({low}–{high})"


def short(figure: float) -> str:
    """Return a figure with three digits or so."""
    return f"{figure:.2f}" if figure < 10 else f"{figure:.1f}" if figure < 100 else f"{figure:,.0f}"
