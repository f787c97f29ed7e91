"""The package in a host that reads from a replica."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.load.postgresql import PostgreSQL, Replica
from tests.load.servers import workplace
from tests.variants.runner import ROOT, run_tests

SETTINGS = "tests.load.replicated"

pytestmark = pytest.mark.cluster


def test_the_facts_hold_in_a_project_with_a_replica() -> None:
    with (
        workplace() as folder,
        PostgreSQL(folder / "primary") as primary,
        Replica(folder / "replica", primary) as replica,
    ):
        addresses = {"PRIMARY_URL": primary.url, "REPLICA_URL": replica.url}
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "-v0", f"--settings={SETTINGS}"],
            cwd=ROOT,
            env={**os.environ, **addresses},
            check=True,
        )
        run_tests(SETTINGS, "tests/load/facts_of_a_replica.py", **addresses)
