"""Options out of one installation and into another: export and import."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.core.management import CommandError
from django.db import transaction

from django_user_options.conf import conf
from django_user_options.exceptions import UserOptionsError
from django_user_options.exports import as_csv, as_json_lines, export_options
from django_user_options.imports import ImportCounts, import_options
from django_user_options.management.subcommands.arguments import (
    add_application,
    add_user,
    application_of,
    standard_input,
    user_of,
)
from django_user_options.management.subcommands.base import CAUSE, Subcommand, Writing
from django_user_options.management.subcommands.output import Progress, number_of, reconfigure
from django_user_options.owners import options_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

_SIZE_OF_NAMES = 64 * 1024
_FORMATS = {"json": as_json_lines, "csv": as_csv}


class Export(Subcommand):
    """Writes options to standard output."""

    help = "Write options to standard output: of an application, a user, both, or all."
    epilog = """\
JSON, which `import` reads, has one object per line, with its value exactly as it is stored.
CSV is for people: a cell that a spreadsheet would run, or that begins with an apostrophe, gets
an apostrophe in front. Both hold values, so mind who can read the file.

examples:
  python manage.py user_options export > options.jsonl
  python manage.py user_options export --application notes | gzip > notes.jsonl.gz
  python manage.py user_options export --user ann --format csv > ann.csv
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare whose options, and how."""
        super().add_arguments(parser)
        add_application(parser, "Only of this application: its own options and those for users.")
        add_user(parser, "Only for this user.")
        parser.add_argument("--format", choices=_FORMATS, default="json", help="The default: json.")

    def run(self) -> None:
        """Write them as they come, in constant memory."""
        # Whatever the locale says: the file may be read in another place.
        reconfigure(self.stdout, encoding="utf-8", newline="")
        tables = options_of(
            application=application_of(self.options),
            user=user_of(self.options),
            using=self.options.database,
        )
        shown = self.options.verbosity > 0 and not self.stdout.isatty()
        with Progress(self.stderr, "options exported", shown=shown) as progress:
            options = progress.counted(chain.from_iterable(map(export_options, tables)))
            for line in _FORMATS[self.options.format](options):
                self.stdout.write(line, ending="")


class Import(Writing):
    """Reads what an export wrote."""

    help = "Write the options of an export in JSON, as the API would: with validation and limits."
    epilog = """\
Owners are found by client id and user name. Some hundred lines at a time are written, each owner's
among them by one call, all or none. After an error, mend what it names and import the whole file
again: what is there already is only written again. --atomic writes everything or nothing instead,
in one transaction that other writers may have to wait for, and so does --dry-run before it takes
everything back. The times in the file are not taken over.

examples:
  python manage.py user_options import options.jsonl --dry-run
  python manage.py user_options import options.jsonl --skip-unknown
  gunzip -c notes.jsonl.gz | python manage.py user_options import -
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare the file, and what to do about errors."""
        parser.add_argument("file", metavar="FILE", help="The file, or - for standard input.")
        super().add_arguments(parser)
        parser.add_argument(
            "--skip-unknown",
            action="store_true",
            help="Skip and count options of applications and users that do not exist here.",
        )
        parser.add_argument("--atomic", action="store_true", help="Write everything or nothing.")

    def run(self) -> None:
        """Write them as they come, in constant memory."""
        counts = ImportCounts(0, 0)
        shown = self.options.verbosity > 0
        try:
            with (
                Progress(self.stderr, "options imported", shown=shown) as progress,
                _opened(self.options.file) as file,
                transaction.atomic(using=self.write_db) if self.options.atomic else nullcontext(),
                self.trial(),
            ):
                for counts in import_options(
                    _lines(file),
                    using=self.options.database,
                    skip_unknown=self.options.skip_unknown,
                    cause=CAUSE,
                ):
                    progress.show(counts.written)
        except UserOptionsError as error:
            msg = f"{error}. {self._left_behind(counts)}"
            raise CommandError(msg) from error
        except OSError as error:
            msg = f"{self.options.file} cannot be read on: {error.strerror}. "
            raise CommandError(msg + self._left_behind(counts)) from error
        skipped = f", {counts.skipped:,} of unknown owners skipped" if counts.skipped else ""
        self.report(f"{number_of(counts.written, 'option')} imported{skipped}.", **counts._asdict())

    def _left_behind(self, counts: ImportCounts) -> str:
        if self.options.atomic or self.options.dry_run:
            return "Nothing was changed."
        return (
            f"At least {number_of(counts.written, 'option')} before it had been written; "
            "mend this and import the whole file again."
        )


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield standard_input()
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}."
        raise CommandError(msg) from error
    with file:
        yield file


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Return the lines; one that is longer than any option comes in parts, which are none."""
    # In JSON one byte of a value may take six, and the names beside it take little.
    longest = 6 * conf.max_value_bytes + _SIZE_OF_NAMES
    return iter(partial(file.readline, longest), b"")
