"""Calls in a second, and how long one takes, through a real server."""

from __future__ import annotations

import json
import random
import statistics
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.db import connection

from tests.benchmarks import report
from tests.benchmarks.calls import Call, keys, options
from tests.benchmarks.contenders import BLOB, BULK_CREATE, FLOOR, OURS, paths_to_set
from tests.benchmarks.load import Load, drive
from tests.benchmarks.measure import ratio, short, spread
from tests.load.owners import Owner, make_application, make_owner
from tests.load.servers import WebServer, workplace

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

SIZES = (2, 20)
CLIENTS = 8
_VARIANTS = 8
_WARM_UP_SECONDS = 0.5


@dataclass(frozen=True)
class Setup:
    """How a server is run: workers, threads, and which Python."""

    workers: int = 2
    threads: int = 2
    python: str = sys.executable


@contextmanager
def serve(setup: Setup) -> Iterator[list[int]]:
    """Serve the database of this run and yield the port of each worker.

    Each has a server of its own. Workers that share a port share connections by chance, and keep
    them: one of two may idle.
    """
    database = json.dumps({"NAME": connection.settings_dict["NAME"]})
    with workplace() as folder, ExitStack() as stack:
        servers = [
            WebServer(
                folder / f"web{number}",
                threads=setup.threads,
                python=setup.python,
                BENCHMARK_DATABASE=database,
            )
            for number in range(setup.workers)
        ]
        yield [stack.enter_context(server).port for server in servers]


def run(arguments: Namespace) -> dict[str, float]:
    """Measure our server and the cheapest others, each in turn for a second or so."""
    if find_spec("gunicorn") is None:
        report.write("\nthroughput: needs gunicorn, from the dependency group `load`")
        return {}
    rounds, seconds = (3, 0.5) if arguments.quick else (15, 0.7)
    setup = Setup()
    application = make_application()
    owners = [make_owner(application) for _ in range(CLIENTS)]
    figures = {}
    with serve(setup) as ports:
        for size in SIZES:
            contenders = {
                name: requests(path, owners, size)
                for name, path in paths_to_set().items()
                if name in (FLOOR, OURS, BULK_CREATE, BLOB)
            }
            loads = interleave(dict.fromkeys(contenders, ports), contenders, rounds, seconds)
            report.heading(
                f"throughput: set of {size} options, {setup.workers} workers of "
                f"{setup.threads} threads, {CLIENTS} clients"
            )
            print_loads(loads, FLOOR)
            figures[f"throughput {size}: ours / floor"] = ratio(
                throughputs(loads[OURS]), throughputs(loads[FLOOR])
            )
    return figures


def requests(path: str, owners: Sequence[Owner], size: int) -> list[list[bytes]]:
    """Return what each client sends: an owner of its own, and different values in turn."""
    return [
        [
            Call(path, {"options": options(keys(size))}, owner.token).on_the_wire()
            for _ in range(_VARIANTS)
        ]
        for owner in owners
    ]


def interleave(
    ports: Mapping[str, Sequence[int]],
    contenders: Mapping[str, list[list[bytes]]],
    rounds: int,
    seconds: float,
) -> dict[str, list[Load]]:
    """Drive the contenders in turns, in a random order each round."""
    loads: dict[str, list[Load]] = {name: [] for name in contenders}
    for name, sent in contenders.items():
        drive(ports[name], sent, seconds=_WARM_UP_SECONDS)
    for _ in range(rounds):
        for name in random.sample(list(contenders), len(contenders)):
            loads[name].append(drive(ports[name], contenders[name], seconds=seconds))
    return loads


def throughputs(loads: Sequence[Load]) -> list[float]:
    """Return calls in a second, one figure for each round."""
    return [load.throughput for load in loads]


def print_loads(loads: Mapping[str, Sequence[Load]], reference: str) -> None:
    """Print a table; percents are of the reference's throughput in the same round."""
    base = throughputs(loads[reference])
    report.table(
        ("contender", "calls/s", f"% of {reference}", "p50 ms", "p99 ms", "failed"),
        (
            (
                name,
                spread(throughputs(own)),
                f"{ratio(throughputs(own), base):.0%}",
                _percentile(own, 50),
                _percentile(own, 99),
                sum(load.failed for load in own),
            )
            for name, own in loads.items()
        ),
    )


def _percentile(loads: Sequence[Load], percent: int) -> str:
    latencies = [latency for load in loads for latency in load.latencies]
    return short(statistics.quantiles(latencies, n=100)[percent - 1])
