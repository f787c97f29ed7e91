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


def visible(text: str) -> str:
    r"""Escape control characters and other invisible ones, for example as `\u009b`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def visible_json(value: Any, *, encoding: str | None, indent: int | None = None) -> str:
    """Return valid JSON that is safe to print in a terminal of this encoding."""
    ascii_only = not (encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    return "\n".join(map(visible, text.split("\n")))


def sentence(text: str) -> str:
    """Return the text with a full stop, unless it ends like a sentence already."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def number_of(count: int, noun: str) -> str:
    """Return a count with its noun: `1 option`, `2,000 options`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def plain_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a heading and one line per row, the cells separated by tabs, as `cut` expects them."""
    lines = [rows[0].keys(), *(map(_cell, row.values()) for row in rows)]
    return "\n".join(map("\t".join, lines))


def table(rows: Sequence[Mapping[str, Any]], *, styles: Mapping[str, str]) -> Table:
    """Return a table of the rows for a terminal.

    Args:
        rows: Rows that all have the same columns.
        styles: The styles of certain texts in the column `state`.
    """
    result = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, value in rows[0].items():
        heading = name.replace("_", " ")
        if type(value) is int:
            result.add_column(heading, justify="right")
        else:
            result.add_column(heading, overflow="fold")
    for row in rows:
        cells = {name: _cell(value, grouping=",") for name, value in row.items()}
        style = styles.get(cells.get("state", ""), "")
        # Rich would look for markup in plain strings.
        result.add_row(
            *(Text(cell, style if name == "state" else "") for name, cell in cells.items())
        )
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
