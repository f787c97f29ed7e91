"""The package behind PgBouncer in transaction mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.load.postgresql import PgBouncer
from tests.load.scenario import CONNECTION_OPTIONS
from tests.load.servers import workplace
from tests.variants.runner import run_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.cluster

DATABASE_TESTS = ("-m", "database", "tests/test_querysets.py")
# The contract, and the admin's lists and exports, which read with cursors.
ALL = ("tests/contract", "tests/admin")


@pytest.fixture(scope="module")
def pooler() -> Iterator[PgBouncer]:
    with workplace() as folder, PgBouncer(folder / "pgbouncer") as pooler:
        yield pooler


@pytest.mark.parametrize("options", ["", *CONNECTION_OPTIONS["pgbouncer"].values()])
def test_the_option_path_works_behind_the_pooler(pooler: PgBouncer, options: str) -> None:
    # A pool holds connections to the test database, which could not be dropped.
    run_tests(
        "tests.load.pooled",
        "--reuse-db",
        *DATABASE_TESTS,
        *(() if options else ALL),
        seconds=300,
        DATABASE_URL=f"{pooler.url}?{options}",
    )


def test_only_a_cursor_of_the_server_needs_a_setting(pooler: PgBouncer) -> None:
    import psycopg

    url = pooler.url.replace("postgres:", "postgresql:", 1)
    with (
        psycopg.connect(url) as one,
        psycopg.connect(url, autocommit=True) as other,
        one.cursor("named", withhold=True) as cursor,
    ):
        cursor.execute("SELECT generate_series(1, 9)")
        one.commit()
        # It takes the connection in which the cursor was opened.
        with other.transaction():
            other.execute("SELECT 1")
            with pytest.raises(psycopg.errors.InvalidCursorName):
                cursor.fetchone()
