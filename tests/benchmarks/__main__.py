"""Measures on each database in turn, and prints Markdown; README.md says what."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
PARTS = ("set", "get", "throughput", "growth", "writers")
OPTIONAL_PARTS = ("deployment",)
DATABASES = (
    "postgres://root@127.0.0.1:5432/test",
    "sqlite://",
    "mysql://root@127.0.0.1:3306/test",
)


def parse() -> argparse.Namespace:
    """Return the arguments of `python -m tests.benchmarks`."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Prints Markdown. Each database has a run of its own, in a test database "
        "that is dropped at the end. Figures of different runs do not compare.",
    )
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="part",
        help=f"{', '.join(PARTS)}; and on demand {', '.join(OPTIONAL_PARTS)}",
    )
    parser.add_argument(
        "--database",
        action="append",
        metavar="URL",
        help="may be repeated; SQLite, PostgreSQL and MariaDB without it, where they answer",
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller tables")
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="PATH",
        help="another interpreter for the part deployment",
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts).difference(PARTS, OPTIONAL_PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    arguments.parts = arguments.parts or PARTS
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
    from tests.benchmarks.targets import print_targets  # noqa: PLC0415

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        report.head()
        figures: dict[str, float] = {}
        for part in arguments.parts:
            figures |= parts.PARTS[part](arguments)
        print_targets(figures)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    if SETTINGS.items() <= os.environ.items():
        measure(parse())
    else:
        sys.exit(main())
