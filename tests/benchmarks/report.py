"""Markdown: the head that says what was measured on, and tables."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DURABILITY = {
    "postgresql": "SELECT 'fsync ' || current_setting('fsync') || ', synchronous_commit '"
    " || current_setting('synchronous_commit')",
    "mysql": "SELECT CONCAT('innodb_flush_log_at_trx_commit ', @@innodb_flush_log_at_trx_commit)",
    "sqlite": "SELECT 'journal_mode ' || journal_mode || ', synchronous ' || synchronous"
    " FROM pragma_journal_mode, pragma_synchronous",
}


def write(text: str = "") -> None:
    """Print a line at once, so that a long run shows where it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def heading(text: str) -> None:
    """Print a heading."""
    write(f"\n## {text}\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; all columns but the first hold figures."""
    write(f"| {' | '.join(columns)} |")
    write(f"| --- |{' ---: |' * (len(columns) - 1)}")
    for row in rows:
        write(f"| {' | '.join(map(str, row))} |")


def head() -> None:
    """Print what everything below was measured on."""
    with connection.cursor() as cursor:
        cursor.execute(_DURABILITY[connection.vendor])
        (durability,) = cursor.fetchone()
    database = ".".join(map(str, connection.get_database_version()))
    write(f"# {connection.display_name} {database}, {durability}\n")
    write(
        f"Python {platform.python_version()}, Django {version('django')}, Django REST framework "
        f"{version('djangorestframework')}, django-oauth-toolkit "
        f"{version('django-oauth-toolkit')}, {os.cpu_count()} cores."
    )
