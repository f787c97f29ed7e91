"""How to run a project: connections, drivers, SQLite's pragmas, workers and threads, Pythons."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import connections

from tests.benchmarks import report
from tests.benchmarks.calls import Call, Host, keys, options
from tests.benchmarks.contenders import OURS, paths_to_set
from tests.benchmarks.databases import On, differing_in, switch_to
from tests.benchmarks.measure import interleave, ratio, spread
from tests.benchmarks.parts import throughput, writers
from tests.benchmarks.parts.throughput import Setup, serve
from tests.load.owners import Owner, make_application, make_owner

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

SIZE = 2
_WRITERS_CALLS = 160


def run(arguments: Namespace) -> dict[str, float]:
    """Measure `set` of two options under settings that differ in one thing each."""
    vendor = connections["default"].vendor
    application = make_application()
    owners = [make_owner(application) for _ in range(throughput.CLIENTS)]
    _compare_settings(_SETTINGS[vendor], owners[0], seconds=5 if arguments.quick else 40)
    if vendor == "sqlite":
        _compare_writers(_SETTINGS[vendor])
    plan = (3, 0.5) if arguments.quick else (15, 0.7)
    _compare_servers("workers × threads", _WORKERS, owners, *plan)
    if arguments.python:
        pythons = {
            _versions(python): Setup(workers=1, python=python)
            for python in (sys.executable, *arguments.python)
        }
        _compare_servers("interpreters", pythons, owners, *plan)
    return {}


def _versions(python: str) -> str:
    code = "import platform, django; print(platform.python_version(), django.__version__)"
    told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return "Python {}, Django {}".format(*told.stdout.split())


def _compare_settings(
    settings: Mapping[str, dict[str, Any]], owner: Owner, *, seconds: float
) -> None:
    make_call = partial(_call, owner)
    with _databases(settings) as databases:
        series = interleave(
            Host(),
            {name: On(database, make_call) for name, database in databases.items()},
            seconds=seconds,
        )
    first = next(iter(series.values()))
    report.heading(f"database settings: set of {SIZE} options, one call at a time")
    report.table(
        ("settings", "CPU ms", "× the first", "elapsed ms", "× the first"),
        (
            (
                name,
                spread(one.cpu),
                f"{ratio(one.cpu, first.cpu):.2f}",
                spread(one.elapsed),
                f"{ratio(one.elapsed, first.elapsed):.2f}",
            )
            for name, one in series.items()
        ),
    )


def _call(owner: Owner) -> Call:
    return Call(paths_to_set()[OURS], {"options": options(keys(SIZE))}, owner.token)


def _compare_writers(settings: Mapping[str, dict[str, Any]]) -> None:
    outcomes = {}
    with _databases(settings) as databases:
        for name, database in databases.items():
            switch_to(database)
            outcomes[name] = writers.write(OURS, paths_to_set()[OURS], _WRITERS_CALLS)
    writers.print_outcomes(f"database settings: {writers.WRITERS} writers of one owner", outcomes)


def _compare_servers(
    title: str, setups: Mapping[str, Setup], owners: list[Owner], rounds: int, seconds: float
) -> None:
    sent = throughput.requests(paths_to_set()[OURS], owners, SIZE)
    with ExitStack() as stack:
        ports = {name: stack.enter_context(serve(setup)) for name, setup in setups.items()}
        loads = throughput.interleave(ports, dict.fromkeys(ports, sent), rounds, seconds)
    report.heading(f"{title}: set of {SIZE} options, {throughput.CLIENTS} clients")
    throughput.print_loads(loads, next(iter(setups)))


@contextmanager
def _databases(settings: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    original = connections["default"]
    with TemporaryDirectory() as folder:
        databases = {
            name: differing_in(**changed, **_own_file(folder)) for name, changed in settings.items()
        }
        try:
            yield databases
        finally:
            for database in databases.values():
                database.close()
                if hasattr(database, "close_pool"):
                    database.close_pool()
            switch_to(original)


def _own_file(folder: str) -> dict[str, str]:
    """Copy SQLite's file: how it keeps its journal is written in the file."""
    original = connections["default"]
    if original.vendor != "sqlite":
        return {}
    # The last connection to close brings the journal into the file.
    original.close()
    return {"NAME": shutil.copy(original.settings_dict["NAME"], f"{folder}/{uuid4()}.sqlite3")}


def _sqlite(journal: str, synchronous: str, transaction_mode: str = "IMMEDIATE") -> dict[str, Any]:
    return {
        "OPTIONS": {
            "init_command": f"PRAGMA journal_mode={journal}; PRAGMA synchronous={synchronous}",
            "transaction_mode": transaction_mode,
            "timeout": 20,
        }
    }


_ANYWHERE: dict[str, dict[str, Any]] = {
    "persistent connections": {},
    "CONN_MAX_AGE 0, Django's default": {"CONN_MAX_AGE": 0},
    "CONN_HEALTH_CHECKS": {"CONN_HEALTH_CHECKS": True},
    "ATOMIC_REQUESTS": {"ATOMIC_REQUESTS": True},
}

_SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "postgresql": {
        **_ANYWHERE,
        "psycopg's pool": {
            "CONN_MAX_AGE": 0,
            "OPTIONS": {"pool": {"min_size": 2, "max_size": 4}},
        },
        "server_side_binding": {"OPTIONS": {"server_side_binding": True}},
        "server_side_binding, prepare_threshold 5": {
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5}
        },
        "synchronous_commit off": {"OPTIONS": {"options": "-c synchronous_commit=off"}},
    },
    "mysql": _ANYWHERE,
    "sqlite": {
        "WAL, synchronous FULL, IMMEDIATE": _sqlite("WAL", "FULL"),
        "the same, CONN_MAX_AGE 0": {**_sqlite("WAL", "FULL"), "CONN_MAX_AGE": 0},
        "WAL, synchronous NORMAL, IMMEDIATE": _sqlite("WAL", "NORMAL"),
        "WAL, synchronous NORMAL, DEFERRED": _sqlite("WAL", "NORMAL", "DEFERRED"),
        "DELETE, synchronous FULL, IMMEDIATE": _sqlite("DELETE", "FULL"),
        "DELETE, FULL, DEFERRED: Django's default": _sqlite("DELETE", "FULL", "DEFERRED"),
    },
}

_WORKERS = {
    f"{workers} × {threads}": Setup(workers=workers, threads=threads)
    for workers, threads in ((1, 1), (1, 4), (2, 1), (2, 2), (2, 4), (4, 1), (4, 2))
}
