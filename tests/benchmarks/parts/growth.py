"""Whether a `set` becomes slower as the tables fill; PostgreSQL only, which fills them itself."""

from __future__ import annotations

import random
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db import connection, connections
from django.db.utils import load_backend

from tests.benchmarks import report
from tests.benchmarks.calls import Call, Project, keys, options
from tests.benchmarks.contenders import FLOOR, OURS, PATHS_TO_SET
from tests.benchmarks.measure import Series, interleave
from tests.benchmarks.report import spread
from tests.load.owners import make_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 2
# Users that other parts have made have smaller numbers.
_BEFORE = 1_000_000

# Every owner has a token. Options are written key by key, so that those of one owner lie apart,
# as they do when owners come and go.
_FILL = """
    SET session_replication_role = replica;
    INSERT INTO auth_user (id, username, password, is_superuser, first_name, last_name, email,
                           is_staff, is_active, date_joined)
    SELECT {before} + n, 'user-' || n, '', false, '', '', '', false, true, now()
    FROM generate_series(1, {owners}) AS n;
    INSERT INTO oauth2_provider_accesstoken (user_id, application_id, token, token_checksum,
                                             expires, scope, resource, created, updated)
    SELECT {before} + n, {application}, 'token-' || n,
           encode(sha256(('token-' || n)::bytea), 'hex'),
           now() + interval '1 day', 'basic', '[]', now(), now()
    FROM generate_series(1, {owners}) AS n;
    INSERT INTO django_user_options_appuseroption (application_id, user_id, key, value, size,
                                                   created_at, updated_at)
    SELECT {application}, {before} + n, 'option-' || lpad(k::text, 3, '0'), '"version 0"', 11,
           now(), now()
    FROM generate_series(0, {per_owner} - 1) AS k, generate_series(1, {owners}) AS n
    ORDER BY k, n;
    SET session_replication_role = origin;
"""


@dataclass(frozen=True)
class Table:
    """How full a table is, and with how many options of each owner."""

    rows: int
    per_owner: int = 20

    def __str__(self) -> str:
        return f"{self.rows:,} rows, {self.per_owner:,} of each owner"

    @property
    def owners(self) -> int:
        return self.rows // self.per_owner


SMALL, LARGE = Table(1_000), Table(5_000_000)
# 1,000 is also the limit by default: those owners have no room left, those with 900 have.
FEW, MANY, FULL = Table(100_000), Table(90_000, per_owner=900), Table(100_000, per_owner=1_000)


def run(*, quick: bool) -> dict[str, float]:
    """Measure our server and the floor on every table in turns, with owners at random."""
    if connection.vendor != "postgresql":
        report.write("\ngrowth: measured on PostgreSQL only")
        return {}
    tables = [SMALL, FEW, MANY, FULL] if quick else [SMALL, FEW, LARGE, MANY, FULL]
    with ExitStack() as stack:
        databases = {table: stack.enter_context(_filled(table)) for table in tables}
        contenders = {
            f"{name}: {table}": partial(_call_on, database, PATHS_TO_SET[name], table.owners)
            for table, database in databases.items()
            for name in (OURS, FLOOR)
        }
        series = interleave(Project(), contenders, seconds=5 if quick else 60, largest_block=1)
    _print(tables, series)
    figures = {"growth: 1,000 options / 20": _growth(series, FULL, FEW)}
    if LARGE in tables:
        figures["growth: 5e6 rows / 1e3"] = _growth(series, LARGE, SMALL)
    return figures


def _call_on(database: Any, path: str, owners: int) -> Call:
    """Let the project use the database for its next call, which is any owner's."""
    connections["default"] = database
    return Call(path, {"options": options(keys(SIZE))}, f"token-{random.randint(1, owners)}")


@contextmanager
def _filled(table: Table) -> Iterator[Any]:
    """Copy the run's database, fill the copy and yield a connection to it; drop it at the end."""
    original = connections["default"]
    settings = original.settings_dict
    name = f"{settings['NAME']}_{table.rows}_{table.per_owner}"
    # PostgreSQL copies only what nobody uses.
    original.close()
    with original._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {settings['NAME']}")
    backend = load_backend(settings["ENGINE"])
    copy = backend.DatabaseWrapper({**settings, "NAME": name}, "default")
    connections["default"] = copy
    try:
        statement = _FILL.format(
            owners=table.owners,
            per_owner=table.per_owner,
            application=make_owner().application.pk,
            before=_BEFORE,
        )
        with copy.cursor() as cursor:
            cursor.execute(statement)
            # What the server would else do while it is measured.
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        connections["default"] = original
        yield copy
    finally:
        copy.close()
        connections["default"] = original
        with original._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def _growth(series: dict[str, Series], large: Table, small: Table) -> float:
    p50 = {table: median(series[f"{OURS}: {table}"].elapsed) for table in (large, small)}
    return p50[large] / p50[small]


def _print(tables: list[Table], series: dict[str, Series]) -> None:
    report.table(
        f"growth: set of {SIZE} options, owners at random",
        ("table", "ours, elapsed ms", "× the first", "ours, CPU ms", "floor, elapsed ms"),
        (
            (
                table,
                spread(ours.elapsed),
                f"{_growth(series, table, tables[0]):.2f}",
                spread(ours.cpu),
                spread(series[f"{FLOOR}: {table}"].elapsed),
            )
            for table in tables
            for ours in [series[f"{OURS}: {table}"]]
        ),
    )
