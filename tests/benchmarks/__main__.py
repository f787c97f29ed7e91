"""Measures on each database in turn, and prints Markdown; README.md says what."""

from __future__ import annotations

import argparse
import operator
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
PARTS = ("set", "get", "update", "limit", "throughput", "growth", "writers")
DATABASES = (
    "postgres://root@127.0.0.1:5432/test",
    "sqlite://",
    "mysql://root@127.0.0.1:3306/test",
)
AT_MOST, AT_LEAST = "at most", "at least"
HOLDS = {AT_MOST: operator.le, AT_LEAST: operator.ge}
# What is to be reached on PostgreSQL.
TARGETS = {
    "set 2: ours / floor": (AT_MOST, 2.5),
    "set 20: ours / floor": (AT_MOST, 1.4),
    "set 100: ours / floor": (AT_MOST, 1.0),
    "set 2: bulk_create / ours": (AT_LEAST, 2.2),
    "set 20: bulk_create / ours": (AT_LEAST, 3.5),
    "set 20: update_or_create / ours": (AT_LEAST, 20),
    "update: update / get and set": (AT_MOST, 1.0),
    "update: keys / get all": (AT_MOST, 1.5),
    "throughput 2: ours / floor": (AT_LEAST, 0.55),
    "throughput 20: ours / floor": (AT_LEAST, 0.90),
    "get all: ours / floor": (AT_MOST, 2),
    "limit: with / without": (AT_MOST, 1.05),
    "growth: 5e6 rows / 1e3": (AT_MOST, 1.15),
    "growth: 1,000 options / 20": (AT_MOST, 1.15),
    "writers: failed": (AT_MOST, 0),
    "writers: lost": (AT_MOST, 0),
}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Prints Markdown. Each database has a run of its own, in a test database "
        "that is dropped at the end. Figures of different runs do not compare.",
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument(
        "--database",
        action="append",
        metavar="URL",
        help="may be repeated; SQLite, PostgreSQL and MariaDB without it, where they answer",
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller tables")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts).difference(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return arguments


def main() -> int:
    """Start a process for each database, whose settings it needs; return how many failed."""
    command = [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]]
    return sum(
        subprocess.run(
            command, env={**os.environ, **SETTINGS, "DATABASE_URL": url}, check=False
        ).returncode
        != 0
        for url in parse().database or DATABASES
    )


def measure(arguments: argparse.Namespace) -> None:
    """Run the parts on the settings' database, unless it is not there."""
    try:
        django.setup()
        connection.ensure_connection()
    except (DatabaseError, ImproperlyConfigured) as error:
        url = os.environ["DATABASE_URL"].rpartition("@")[2]
        sys.stdout.write(f"# {url}\n\nLeft out: {error}\n\n")
        return
    # They import models.
    from tests.benchmarks import parts, report  # noqa: PLC0415

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        report.head()
        figures: dict[str, float] = {}
        for part in arguments.parts or PARTS:
            figures |= parts.PARTS[part](quick=arguments.quick)
        if connection.vendor == "postgresql":
            report.table("targets", ("target", "is to be", "is", "reached"), judged(figures))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def judged(figures: Mapping[str, float]) -> list[tuple[str, ...]]:
    rows = []
    for name, (bound, limit) in TARGETS.items():
        if name in figures:
            reached = "yes" if HOLDS[bound](figures[name], limit) else "**no**"
            rows.append((name, f"{bound} {limit:g}", f"{figures[name]:.2f}", reached))
    return rows


if __name__ == "__main__":
    if SETTINGS.items() <= os.environ.items():
        measure(parse())
    else:
        sys.exit(main())
