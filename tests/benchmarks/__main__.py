"""`python -m tests.benchmarks [--database URL]… [--quick] [part …]`.

Prints markdown. Each database gets a run of its own, in a test database that is dropped at the
end; without `--database` SQLite, and PostgreSQL and MariaDB where they answer on this machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

PARTS = ("set", "get", "throughput", "growth", "writers")
OPTIONAL_PARTS = ("deployment",)
DATABASES = (
    "postgres://root@127.0.0.1:5432/test",
    "sqlite://",
    "mysql://root@127.0.0.1:3306/test",
)


def main() -> int:
    """Run one process for each database and return how many of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS + OPTIONAL_PARTS))
    parser.add_argument("--database", action="append", metavar="URL")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller tables")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts).difference(PARTS, OPTIONAL_PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    parts = [*(["--quick"] if arguments.quick else []), *(arguments.parts or PARTS)]
    return sum(
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.run", *parts],
            env={
                **os.environ,
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
            },
            check=False,
        ).returncode
        != 0
        for url in arguments.database or DATABASES
    )


if __name__ == "__main__":
    sys.exit(main())
