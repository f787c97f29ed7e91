"""The command's arguments."""

from __future__ import annotations

import argparse

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
        description="Prints markdown. Each database has a run of its own, in a test database "
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
        help="once for each; without it SQLite, PostgreSQL and MariaDB where they answer",
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
    arguments.database = arguments.database or DATABASES
    return arguments
