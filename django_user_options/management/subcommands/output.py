"""Text for terminals: aligned tables, values as JSON, and a counter of what is done."""

from __future__ import annotations

import codecs
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.core.management.base import OutputWrapper

_STEP = 1_000
JSON_ESCAPES = "django_user_options.json_escapes"


def _escaped(error: Any) -> tuple[str, int]:
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(JSON_ESCAPES, _escaped)


def reconfigure(stream: OutputWrapper, **how: str) -> None:
    """Change how a stream encodes what it writes, if it encodes at all."""
    change: Any = getattr(stream, "reconfigure", None)
    if change is not None:
        change(**how)


def visible(text: str) -> str:
    r"""Return the text with what a terminal would obey, or not show, as escapes: `\u009b`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def visible_json(value: Any) -> str:
    """Return indented JSON that reads the same, but holds nothing that a terminal would obey."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "\n".join(map(visible, text.split("\n")))


def number_of(count: int, noun: str) -> str:
    """Return a count with its noun: `1 option`, `2,000 options`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows under the names of their columns, numbers to the right."""
    columns = list(rows[0])
    numeric = {name for name in columns if all(type(row[name]) is int for row in rows)}
    lines = [columns, *([_cell(row[name]) for name in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def aligned(cells: list[str]) -> str:
        padded = (
            cell.rjust(width) if name in numeric else cell.ljust(width)
            for cell, width, name in zip(cells, widths, columns, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join(map(aligned, lines))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.isoformat(sep=" ", timespec="seconds")
    return visible("" if value is None else str(value))


class Progress:
    """A counter on one line of a terminal; anywhere else it is silent."""

    def __init__(self, stream: OutputWrapper, noun: str, *, shown: bool) -> None:
        self.stream = stream
        self.noun = noun
        self.shown = shown and stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the line, whatever happened."""
        if self.shown:
            self.stream.write("", style_func=str)

    def show(self, count: int) -> None:
        """Show how far it has come."""
        if self.shown:
            self.stream.write(f"\r{count:,} {self.noun}", style_func=str, ending="")
            self.stream.flush()

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the items, counting them."""
        count = 0
        for count, item in enumerate(items, start=1):
            yield item
            if count % _STEP == 0:
                self.show(count)
        self.show(count)
