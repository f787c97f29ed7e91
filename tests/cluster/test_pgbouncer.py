"""The package behind PgBouncer in transaction mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster.pgbouncer import RECOMMENDED
from tests.cluster.postgresql import pooled_server
from tests.cluster.servers import workplace
from tests.variants.runner import run_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.postgresql import PgBouncer

pytestmark = pytest.mark.cluster

QUERYSET = ("tests/test_querysets.py", "tests/test_upserts.py")
ALL = ("tests/contract", "tests/admin/test_list.py", "tests/admin/test_exports.py")


@pytest.fixture(scope="module")
def pooler() -> Iterator[PgBouncer]:
    with workplace() as folder, pooled_server(folder) as pooler:
        yield pooler


@pytest.mark.parametrize("options", RECOMMENDED)
def test_the_option_path_works_behind_the_pooler(pooler: PgBouncer, options: str) -> None:
    # A pool holds connections to the test database, which could not be dropped.
    run_tests(
        "tests.cluster.pooled",
        "--reuse-db",
        *QUERYSET,
        *(() if options else ALL),
        seconds=300,
        DATABASE_URL=f"{pooler.url()}?{options}",
    )
