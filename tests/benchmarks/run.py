"""One run on one database; `python -m tests.benchmarks` starts it."""

from __future__ import annotations

import sys

import django
from django.db import DatabaseError, connection


def main(arguments: list[str]) -> None:
    """Run the parts and say which targets are reached."""
    django.setup()
    # They import models.
    from tests.benchmarks import report
    from tests.benchmarks.parts import PARTS
    from tests.benchmarks.targets import print_targets

    quick = "--quick" in arguments
    name = connection.settings_dict["NAME"]
    try:
        connection.ensure_connection()
    except DatabaseError:
        report.write(f"# {connection.display_name}: does not answer, left out\n")
        return
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        report.head()
        figures: dict[str, float] = {}
        for part in arguments:
            if part != "--quick":
                figures |= PARTS[part](quick=quick)
        print_targets(figures)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main(sys.argv[1:])
