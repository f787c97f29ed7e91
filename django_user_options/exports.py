"""Options as lines of JSON, which can be imported again, and as CSV, which people read."""

from __future__ import annotations

import csv
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import ExpressionWrapper, F, TextField

from django_user_options.keyset import in_pages
from django_user_options.owners import names_of, resolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

# The column as it is stored: decoding and encoding again would only cost time.
_STORED_TEXT = ExpressionWrapper(F("value"), output_field=TextField())
# A spreadsheet runs a cell that begins like this. It may drop spaces before that, and knows the
# wide forms of the signs. The apostrophe is added so that none that was there is lost.
_RUNS = re.compile("['\t\r\n]|[\\s\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
# Without it, Excel takes UTF-8 for the code page of its machine.
_BYTE_ORDER_MARK = "\ufeff"


class ExportedOption(NamedTuple):
    """One option under names that it keeps in every installation."""

    application: str
    user: str | None
    """The name by which the user logs in; `None` where the application keeps it for itself."""
    key: str
    value: str
    """The JSON text as it is stored."""
    created_at: datetime
    updated_at: datetime


def export_options(options: QuerySet[Any]) -> Iterator[ExportedOption]:
    """Yield the options of either table, owner by owner, in constant memory.

    Each is read once, as it stands when its page of rows is read; options written meanwhile may
    be missing.
    """
    for page in in_pages(options, _STORED_TEXT, "created_at", "updated_at"):
        names = resolved((row[:-4] for row in page), partial(names_of, using=options.db))
        for *owner, key, value, created_at, updated_at in page:
            # An owner who has gone since took the options along.
            if tuple(owner) in names:
                application, user = (*names[tuple(owner)], None)[:2]
                yield ExportedOption(application, user, key, value, created_at, updated_at)


def as_json_lines(options: Iterable[ExportedOption]) -> Iterator[str]:
    """Yield one JSON object per option and line, its value exactly as it is stored."""
    for option in options:
        names = option.application, option.user, option.key
        application, user, key = (json.dumps(name, ensure_ascii=False) for name in names)
        yield (
            f'{{"application":{application},"user":{user},"key":{key},"value":{option.value},'
            f'"created_at":"{option.created_at.isoformat()}",'
            f'"updated_at":"{option.updated_at.isoformat()}"}}\n'
        )


def as_csv(options: Iterable[ExportedOption]) -> Iterator[str]:
    """Yield a heading and one row per option, for people and their spreadsheets.

    A cell that a spreadsheet would run, and one that begins with an apostrophe, gets an
    apostrophe in front. So whoever wants the text itself drops one apostrophe from the
    beginning of every cell that has one.
    """
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield _BYTE_ORDER_MARK + writer.writerow(ExportedOption._fields)
    for option in options:
        times = option.created_at.isoformat(), option.updated_at.isoformat()
        cells = option.application, option.user or "", option.key, option.value, *times
        yield writer.writerow(map(_harmless, cells))


def _harmless(cell: str) -> str:
    return f"'{cell}" if _RUNS.match(cell) else cell


class _Echo:
    """A file for `csv.writer` that hands each row back instead of keeping it."""

    def write(self, row: str) -> str:
        return row
