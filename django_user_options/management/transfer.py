"""The subcommands that move options between installations: export and import."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.core.management import CommandError
from django.db import transaction

from django_user_options.conf import conf
from django_user_options.exceptions import UserOptionsError
from django_user_options.exports import ExportedOption, as_csv, as_json_lines, export_options
from django_user_options.imports import ImportCounts, import_options
from django_user_options.management import arguments
from django_user_options.management.subcommand import CAUSE, Subcommand, WriteCommand, number_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

_SIZE_OF_NAMES = 64 * 1024
_FORMATS = {"json": as_json_lines, "csv": as_csv}


class ExportCommand(Subcommand):
    """Write options of an application, a user, both, or all to standard output.

    JSON, which `import` reads, has one object per line with the value exactly as it is stored. CSV
    is for people: an apostrophe precedes a cell that a spreadsheet would run as a formula or that
    begins with an apostrophe. Both contain values, so consider who can read the file.

    Examples:
      python manage.py user_options export > options.jsonl
      python manage.py user_options export --application notes | gzip > notes.jsonl.gz
      python manage.py user_options export --user ann --format csv > ann.csv
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        arguments.add_owner(parser)
        parser.add_argument("--format", choices=_FORMATS, default="json", help="Default: json.")

    def run(self) -> None:
        if hasattr(self.stdout, "reconfigure"):
            # The file may be read on a machine with another locale.
            self.stdout.reconfigure(encoding="utf-8", newline="")
        tables = arguments.selected_options(self.options, using=self.options.database)
        total = partial(arguments.total_of, tables)
        shown = not self.stdout.isatty()
        with self.progress("options exported", total, shown=shown) as update:
            options = _counted(chain.from_iterable(map(export_options, tables)), update)
            for line in _FORMATS[self.options.format](options):
                self.stdout.write(line, ending="")


class ImportCommand(WriteCommand):
    """Write the options of a JSON export, with the validation and the limits of the API.

    Owners are found by client id and username. Options are written in batches; in each batch, the
    options of one owner are written by one call, either all or none. After an error, fix its cause
    and import the whole file again: what is there already is written again. With --atomic,
    everything is written in one transaction or nothing is, and other writers may have to wait for
    it. A --dry-run uses such a transaction and rolls it back. The times in the file are not
    imported.

    Examples:
      python manage.py user_options import options.jsonl --dry-run
      python manage.py user_options import options.jsonl --skip-unknown
      gunzip -c notes.jsonl.gz | python manage.py user_options import -
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="The file, or - for standard input.")
        super().add_arguments(parser)
        parser.add_argument(
            "--skip-unknown",
            action="store_true",
            help="Skip and count options whose application or user does not exist here.",
        )
        parser.add_argument("--atomic", action="store_true", help="Write all options or none.")

    def run(self) -> None:
        name = self.options.file
        counts = ImportCounts(0, 0)
        # Six bytes of JSON may stand for one byte of a value, and the names are short.
        longest = 6 * conf.max_value_bytes + _SIZE_OF_NAMES
        try:
            with (
                _opened(name) as file,
                self.progress("options imported", self._size) as update,
                transaction.atomic(using=self.write_db) if self.options.atomic else nullcontext(),
                self.undone_if_dry_run(),
            ):
                for counts in import_options(
                    # A longer line arrives in parts, which are all invalid.
                    iter(partial(file.readline, longest), b""),
                    using=self.options.database,
                    skip_unknown=self.options.skip_unknown,
                    cause=CAUSE,
                ):
                    completed = file.tell() if file.seekable() else 0
                    update(completed=completed, found=counts.written)
        except UserOptionsError as error:
            msg = f"{error}. {self._state_after(counts)}"
            raise CommandError(msg) from error
        except OSError as error:
            msg = f"{name} cannot be read: {error.strerror}. {self._state_after(counts)}"
            raise CommandError(msg) from error
        skipped = f", {counts.skipped:,} of unknown owners skipped" if counts.skipped else ""
        what = number_of(counts.written, "option")
        self.report(what, f"imported{skipped}", **counts._asdict())

    def _size(self) -> int | None:
        # The size of a pipe is unknown.
        name = self.options.file
        return None if name == "-" else Path(name).stat().st_size or None

    def _state_after(self, counts: ImportCounts) -> str:
        if self.options.atomic or self.options.dry_run:
            return "Nothing was changed."
        # Owners of the same batch are not counted yet.
        written = "Options before it may have been written"
        if counts.written:
            written = f"At least {number_of(counts.written, 'option')} before it had been written"
        return f"{written}. Fix the cause and import the whole file again."


def _counted(
    options: Iterable[ExportedOption], update: Callable[..., None]
) -> Iterator[ExportedOption]:
    for count, option in enumerate(options, start=1):
        yield option
        update(completed=count, found=count)


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    if name == "-":
        return nullcontext(arguments.standard_input())
    try:
        return Path(name).open("rb")
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}."
        raise CommandError(msg) from error
