"""`python -m tests.benchmarks [--database URL …] [--quick] [part …]`."""

from __future__ import annotations

import argparse
import os
import sys

import django


def main() -> None:
    """Run the parts on one database."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--database")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    if arguments.database:
        os.environ["DATABASE_URL"] = arguments.database
    django.setup()

    from django.db import connection
    from tests.benchmarks import report
    from tests.benchmarks.parts import setting

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        report.head()
        figures = setting.run(6 if arguments.quick else 60)
        for target, figure in figures.items():
            report.write(f"{target}: {figure:.2f}")
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


main()
