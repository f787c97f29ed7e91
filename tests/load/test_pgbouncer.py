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
# What REST promises of writes, and the admin's lists and exports, which read with cursors.
ALL = ("tests/contract/test_guarantees.py", "tests/admin")


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
        DATABASE_URL=f"{pooler.url}?{options}",
    )
