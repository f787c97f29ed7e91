"""Options as lines of JSON, which can be imported again, and as CSV, which people read."""

from __future__ import annotations

import csv
import json
import re
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from django_user_options.fields import STORED_TEXT
from django_user_options.keyset import in_pages
from django_user_options.owners import existing_owners, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

# A spreadsheet runs a cell that begins like this. It may ignore leading spaces, and it accepts the
# full-width forms of the signs. The apostrophe is here so that as_csv() escapes it, too.
_RUNS = re.compile("['\t\r\n]|[\\s\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
# Without it, Excel reads UTF-8 in the machine's code page.
_BYTE_ORDER_MARK = "\ufeff"


class ExportedOption(NamedTuple):
    """One option, with its owners' names, which are the same in every installation."""

    application: str
    user: str | None
    """The name by which the user logs in; `None` for an application's own option."""
    key: str
    value: str
    """The JSON text as it is stored."""
    created_at: datetime
    updated_at: datetime


def export_options(options: QuerySet[Any]) -> Iterator[ExportedOption]:
    """Yield the options of either table, owner by owner, in constant memory.

    Options are read page by page, each page as of that moment. Options that are written during the
    export may be missing.
    """
    # A join would be shorter, but MariaDB then sorts the whole table for each page.
    for page in in_pages(options, STORED_TEXT, "created_at", "updated_at"):
        owners = existing_owners((row[:-4] for row in page), using=options.db)
        for *pks, key, value, created_at, updated_at in page:
            # The options of an owner who was deleted meanwhile are gone, too.
            if tuple(pks) in owners:
                application, *user = map(name_of, owners[tuple(pks)])
                name = user[0] if user else None
                yield ExportedOption(application, name, key, value, created_at, updated_at)


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

    A cell that a spreadsheet would run, or that begins with an apostrophe, gets an apostrophe
    in front. To get the original text back, remove one leading apostrophe from every cell that
    has one.
    """
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield _BYTE_ORDER_MARK + writer.writerow(ExportedOption._fields)
    for option in options:
        times = option.created_at.isoformat(), option.updated_at.isoformat()
        cells = option.application, option.user or "", option.key, option.value, *times
        yield writer.writerow(f"'{cell}" if _RUNS.match(cell) else cell for cell in cells)


def as_html(options: Iterable[ExportedOption], title: str) -> Iterator[str]:
    """Yield a page for people: a table of the options, in the active language."""
    names = _("Application"), _("Key"), _("Value"), _("Created"), _("Changed")
    cells = format_html_join("", "<th>{}</th>", ((name,) for name in names))
    page = """<!DOCTYPE html>
<html lang="{}"><meta charset="utf-8"><title>{}</title>
<style>
body {{ font: 1rem/1.5 sans-serif; color-scheme: light dark }} table {{ border-collapse: collapse }}
th, td {{ padding: .25rem .5rem; text-align: left; vertical-align: top; border: 1px solid #8888 }}
td {{ overflow-wrap: anywhere; unicode-bidi: isolate; white-space: pre-wrap }}
</style>
<h1>{}</h1><table><tr>{}</tr>
"""
    yield format_html(page, get_language() or "", title, title, cells)
    for option in options:
        times = map(date_format, (option.created_at, option.updated_at), repeat("DATETIME_FORMAT"))
        texts = (option.application, option.key, option.value, *times)
        yield format_html("<tr>{}</tr>\n", format_html_join("", "<td>{}</td>", zip(texts)))
    yield "</table></html>\n"


class _Echo:
    """A file for `csv.writer` that returns each row instead of storing it."""

    def write(self, row: str) -> str:
        return row
