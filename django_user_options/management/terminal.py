"""Text that is safe and readable in a terminal."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STYLES = {"usable": "green", "expired": "yellow", "revoked": "red"}


def visible(text: str) -> str:
    r"""Escape control characters and other invisible ones, for example as `\u009b`."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def visible_json(value: Any, *, encoding: str | None, indent: int | None = None) -> str:
    """Return valid JSON that is safe to print in a terminal of this encoding."""
    ascii_only = not (encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    return "\n".join(map(visible, text.split("\n")))


def number_of(count: int, noun: str) -> str:
    """Return a count with its noun: `1 option`, `2,000 options`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def plain_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a heading and one line per row, with tabs between the cells, as `cut` expects."""
    lines = [rows[0].keys(), *(map(_cell, row.values()) for row in rows)]
    return "\n".join(map("\t".join, lines))


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return a table of rows that have the same columns. It colors states."""
    result = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, value in rows[0].items():
        justify: Any = "right" if type(value) is int else "left"
        result.add_column(name.replace("_", " "), justify=justify, overflow="fold")
    for row in rows:
        # Rich would look for markup in plain strings.
        cells = [Text(_cell(value, grouping=",")) for value in row.values()]
        result.add_row(*cells, style=_STYLES.get(row.get("state", "")))
    return result


def _cell(value: Any, *, grouping: str = "") -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:{grouping}}"
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.isoformat(sep=" ", timespec="seconds")
    return visible("" if value is None else str(value))
