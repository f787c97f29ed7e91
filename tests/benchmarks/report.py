"""Markdown: the head that says what was measured on, tables and their figures."""

from __future__ import annotations

import os
import platform
import statistics
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


def write(text: str) -> None:
    """Print a line at once, so that a long run shows where it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def head() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DURABILITY[connection.vendor])
        (durability,) = cursor.fetchone()
    database = ".".join(map(str, connection.get_database_version()))
    packages = ("django", "djangorestframework", "django-oauth-toolkit")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    write(f"# {connection.display_name} {database}, {durability}\n")
    write(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores.")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table under a heading; all columns but the first hold figures."""
    write(f"\n## {title}\n\n| {' | '.join(columns)} |")
    write(f"| --- |{' ---: |' * (len(columns) - 1)}")
    for row in rows:
        write(f"| {' | '.join(map(str, row))} |")


def ratio(numerator: list[float], denominator: list[float]) -> float:
    """Return the median of the rounds' ratios; both of a round met the same machine."""
    return statistics.median(n / d for n, d in zip(numerator, denominator, strict=True))


def spread(figures: list[float]) -> str:
    """Return the median and the quartiles: `1.23 (1.20–1.31)`."""
    low, middle, high = map(short, statistics.quantiles(figures, n=4))
    return f"{middle} ({low}–{high})"


def short(figure: float) -> str:
    """Return a figure with three digits or so."""
    return f"{figure:.2f}" if figure < 10 else f"{figure:.1f}" if figure < 100 else f"{figure:,.0f}"
