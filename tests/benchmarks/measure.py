"""Measuring contenders side by side, so that what the machine does meanwhile hits all alike."""

from __future__ import annotations

import gc
import random
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # Prepares that many calls, unmeasured, and returns what makes them.
    Prepare = Callable[[int], Callable[[], None]]

_BLOCK_SECONDS = 0.03
_LARGEST_BLOCK = 10
_WARM_UP_CALLS = 5


@dataclass
class Series:
    """Milliseconds of one call, one entry for each round."""

    cpu: list[float] = field(default_factory=list)
    elapsed: list[float] = field(default_factory=list)


def interleave(contenders: Mapping[str, Prepare], *, seconds: float) -> dict[str, Series]:
    """Call the contenders in turns for about that long and return a series for each.

    A round calls each of them in a small block, in a random order. Garbage is collected before
    a block, so that none pays for another's; what it collects within its block is its own cost.
    The CPU time is that of this thread: Python, the driver and, with SQLite, the engine.
    """
    sizes = {name: _block_size(prepare) for name, prepare in contenders.items()}
    series = {name: Series() for name in contenders}
    gc.collect()
    gc.freeze()
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at or len(next(iter(series.values())).cpu) < 3:
        for name in random.sample(list(contenders), len(contenders)):
            calls = contenders[name](sizes[name])
            gc.collect()
            elapsed, cpu = time.perf_counter(), time.thread_time()
            calls()
            cpu, elapsed = time.thread_time() - cpu, time.perf_counter() - elapsed
            series[name].cpu.append(cpu / sizes[name] * 1000)
            series[name].elapsed.append(elapsed / sizes[name] * 1000)
    gc.unfreeze()
    return series


def _block_size(prepare: Prepare) -> int:
    prepare(_WARM_UP_CALLS)()
    calls, start = prepare(1), time.perf_counter()
    calls()
    fitting = _BLOCK_SECONDS / (time.perf_counter() - start)
    return min(max(int(fitting), 1), _LARGEST_BLOCK)


def ratio(numerator: list[float], denominator: list[float]) -> float:
    """Return the median of the rounds' ratios; both of a round met the same machine."""
    return statistics.median(n / d for n, d in zip(numerator, denominator, strict=True))


def spread(figures: list[float]) -> str:
    """Return the median and the quartiles: `1.23 (1.20–1.31)`."""
    low, middle, high = statistics.quantiles(figures, n=4)
    return f"{_short(middle)} ({_short(low)}–{_short(high)})"


def _short(figure: float) -> str:
    return f"{figure:.2f}" if figure < 10 else f"{figure:.1f}" if figure < 100 else f"{figure:.0f}"


@dataclass
class Statements:
    """How many statements a call sends, and beside them BEGIN and its like."""

    sent: int = 0
    control: int = 0

    def __str__(self) -> str:
        """Write them as the tables do: `2` or `3 + 2`."""
        return f"{self.sent} + {self.control}" if self.control else str(self.sent)


_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def count_statements(call: Callable[[], Any]) -> Statements:
    """Count what one call to the host sends to the database."""
    connection.force_debug_cursor = True
    try:
        # Django empties the log when a request starts, and only then.
        call()
    finally:
        connection.force_debug_cursor = False
    sent = [query["sql"] for query in connection.queries_log]
    control = sum(sql.startswith(_CONTROL) for sql in sent)
    return Statements(len(sent) - control, control)
