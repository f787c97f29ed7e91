"""Measures on the database of DATABASE_URL and prints Markdown; README.md says what."""

from __future__ import annotations

import argparse
import os
import platform
from importlib.metadata import version

import django
from django.db import connection

PARTS = ("set", "get", "update", "limit", "throughput")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    # It imports models.
    from tests.benchmarks import parts  # noqa: PLC0415

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print_head()
        for part in arguments.parts:
            getattr(parts, f"measure_{part}")(quick=arguments.quick)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def print_head() -> None:
    database = ".".join(map(str, connection.get_database_version()))
    packages = ("django", "djangorestframework", "django-oauth-toolkit")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    print(f"# {connection.display_name} {database}\n")
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
