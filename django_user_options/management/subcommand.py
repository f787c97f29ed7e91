"""Base classes of the subcommands, and what they print."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, router, transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import SimpleNamespace

    from django.core.management import BaseCommand


# The `cause` that signal receivers get.
CAUSE = "manage.py user_options"

_STYLES = {"usable": "green", "expired": "yellow", "revoked": "red"}


class Subcommand:
    """One subcommand. A subclass's docstring is its help."""

    def __init__(self, command: BaseCommand, options: SimpleNamespace) -> None:
        self.stdout = command.stdout
        self.stderr = command.stderr
        self.options = options

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--database",
            metavar="ALIAS",
            choices=list(connections),
            help="The database. By default, the routers choose it.",
        )

    def run(self) -> None:
        """Run the subcommand.

        Raises:
            CommandError: The subcommand failed. The message says what to do.
            UserOptionsError: The options break a rule or a limit.
        """
        raise NotImplementedError

    @contextmanager
    def progress(
        self, description: str, total: Callable[[], int | None], *, shown: bool = True
    ) -> Iterator[Callable[..., None]]:
        """Show a progress bar on standard error, if it is a terminal.

        Yields a function that takes `completed`, the amount of work done, and `found`, a count.
        `total` returns the amount of work or `None`; it is called only if the bar is shown, since
        counting takes time.
        """
        if not (shown and self.options.verbosity > 0 and self.stderr.isatty()):
            yield lambda **_: None
            return
        with Progress(
            TextColumn("{task.fields[found]:,} {task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self._console(getattr(self.options, "stderr", None) or sys.stderr),
            # Standard output may be an export.
            redirect_stdout=False,
            redirect_stderr=False,
        ) as bar:
            yield partial(bar.update, bar.add_task(description, total=total(), found=0))

    def _console(self, stream: Any) -> Console:
        return Console(
            file=stream,
            force_terminal=True,
            color_system=None if self.options.no_color else "auto",
            highlight=False,
        )


class ReportCommand(Subcommand):
    """A subcommand that answers people in text and scripts in JSON."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="Print JSON for scripts.")

    def write_json(self, answer: Any) -> None:
        """Write the answer as one line of ASCII, which every terminal can show."""
        self.stdout.write(json.dumps(answer, cls=DjangoJSONEncoder))

    def write_rows(self, rows: Sequence[Mapping[str, Any]], *, empty: str) -> None:
        """Write rows that have the same columns, or the text for an empty list.

        A terminal gets a table. A pipe or a file gets tabs between the cells.
        """
        if self.options.json:
            self.write_json(rows)
        elif not rows:
            self.stdout.write(empty)
        elif self.stdout.isatty() or self.options.force_color:
            self._console(self.stdout).print(table(rows))
        else:
            self.stdout.write(plain_lines(rows))


class WriteCommand(ReportCommand):
    """A subcommand that changes data, or only tries to."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="Check, but change nothing.")

    @property
    def write_db(self) -> str:
        """The alias of the database to write to."""
        return self.options.database or router.db_for_write(AppUserOption)

    @staticmethod
    def add_no_input(parser: ArgumentParser) -> None:
        """Add `--no-input` to a subcommand that may ask."""
        parser.add_argument(
            "--no-input", action="store_false", dest="interactive", help="Delete without asking."
        )

    @property
    def asks(self) -> bool:
        """Whether to ask before anything is deleted."""
        return self.options.interactive and not self.options.dry_run

    def confirm(self, what: str) -> None:
        """Ask whether to do it.

        Raises:
            CommandError: The answer is not yes, or nobody is there to answer.
        """
        if sys.stdin is None or not sys.stdin.isatty():
            msg = f"{what} Add --no-input to confirm it."
            raise CommandError(msg)
        question = f"{what} Type 'yes' to continue, or 'no' to cancel: "
        self.stderr.write(question, style_func=str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip() != "yes":
            msg = "Nothing was deleted."
            raise CommandError(msg)

    @contextmanager
    def undone_if_dry_run(self) -> Iterator[None]:
        """Undo the writes of the block if this is a dry run."""
        if not self.options.dry_run:
            yield
            return
        with transaction.atomic(using=self.write_db):
            yield
            transaction.set_rollback(True, using=self.write_db)

    def report(self, what: str, done: str, **facts: Any) -> None:
        """Print what was done or, in a dry run, what would be done."""
        if self.options.json:
            self.write_json({**facts, "dry_run": self.options.dry_run})
        elif self.options.verbosity > 0:
            dry_run = f"Dry run: {what} would be {done}."
            self.stdout.write(dry_run if self.options.dry_run else f"{what} {done}.")


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
