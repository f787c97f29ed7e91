"""The package behind PgBouncer in transaction mode, and with a read replica."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.load.postgresql import PgBouncer, PostgreSQL, Replica
from tests.load.routers import PrimaryForOptions
from tests.load.scenario import CONNECTION_OPTIONS
from tests.load.servers import ROOT, workplace
from tests.variants.runner import run_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

REPLICATED = "tests.load.replicated"
DATABASE_TESTS = ("-m", "database", "tests/test_querysets.py")
# What REST promises of writes, and the admin's lists and exports, which read with cursors.
MORE_TESTS = ("tests/contract/test_guarantees.py", "tests/admin")


@pytest.fixture(scope="module")
def pooler() -> Iterator[PgBouncer]:
    with workplace() as folder, PgBouncer(folder / "pgbouncer") as pooler:
        yield pooler


@pytest.mark.cluster
@pytest.mark.parametrize("options", ["", *CONNECTION_OPTIONS["pgbouncer"].values()])
def test_the_option_path_works_behind_the_pooler(pooler: PgBouncer, options: str) -> None:
    # A pool holds connections to the test database, which could not be dropped.
    tests = (*DATABASE_TESTS, *(() if options else MORE_TESTS))
    address = f"{pooler.url}?{options}"
    run_tests("tests.load.pooled", "--reuse-db", *tests, DATABASE_URL=address)


@pytest.mark.cluster
def test_the_facts_hold_in_a_project_with_a_replica() -> None:
    with (
        workplace() as folder,
        PostgreSQL(folder / "primary") as primary,
        Replica(folder / "replica", primary) as replica,
    ):
        addresses = {"PRIMARY_URL": primary.url, "REPLICA_URL": replica.url}
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "-v0", f"--settings={REPLICATED}"],
            cwd=ROOT,
            env={**os.environ, **addresses},
            check=True,
        )
        run_tests(REPLICATED, "tests/load/facts_of_a_replica.py", **addresses)


def test_the_readme_shows_the_router_that_is_tried() -> None:
    shown = f"```python\n{inspect.getsource(PrimaryForOptions)}```\n"
    assert shown in (ROOT / "tests/load/README.md").read_text()
