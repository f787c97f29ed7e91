"""One run on one database, that of the settings; `python -m tests.benchmarks` starts it."""

from __future__ import annotations

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from tests.benchmarks.cli import parse


def main() -> None:
    """Run the parts and say which targets are reached; leave out a database that is not there."""
    arguments = parse()
    try:
        django.setup()
        connection.ensure_connection()
    except (DatabaseError, ImproperlyConfigured) as error:
        sys.stdout.write(
            f"# {os.environ['DATABASE_URL'].rpartition('@')[2]}\n\nLeft out: {error}\n\n"
        )
        return
    # They import models.
    from tests.benchmarks import report  # noqa: PLC0415
    from tests.benchmarks.parts import PARTS  # noqa: PLC0415
    from tests.benchmarks.targets import print_targets  # noqa: PLC0415

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        report.head()
        figures: dict[str, float] = {}
        for part in arguments.parts:
            figures |= PARTS[part](arguments)
        print_targets(figures)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
