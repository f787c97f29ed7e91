"""Starts one run for each database."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.benchmarks.cli import parse


def main() -> int:
    """Return how many runs failed."""
    return sum(
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.run", *sys.argv[1:]],
            env={
                **os.environ,
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
            },
            check=False,
        ).returncode
        != 0
        for url in parse().database
    )


if __name__ == "__main__":
    sys.exit(main())
