"""What every subcommand is, and what those that write have in common."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, router, transaction

from django_user_options.management.subcommands.output import table
from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator, Mapping, Sequence
    from types import SimpleNamespace

    from django.core.management import BaseCommand


# What receivers of the signals are told.
CAUSE = "manage.py user_options"


class Group(NamedTuple):
    """Subcommands that share their first word."""

    help: str
    members: Mapping[str, type[Subcommand]]


class Subcommand:
    """One subcommand: its arguments, its help, and what it does.

    Attributes:
        help: What it does, in one line.
        epilog: What else there is to know, and examples that work as they stand.
    """

    help: ClassVar[str]
    epilog: ClassVar[str]

    def __init__(self, command: BaseCommand, options: SimpleNamespace) -> None:
        self.stdout = command.stdout
        self.stderr = command.stderr
        self.options = options

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--database",
            metavar="ALIAS",
            choices=list(connections),
            help="Database; without it the routers choose.",
        )

    def run(self) -> None:
        """Do it.

        Raises:
            CommandError: It cannot be done; the message says what to do instead.
            UserOptionsError: The tables refuse it.
        """
        raise NotImplementedError


class Reporting(Subcommand):
    """A subcommand that answers in words and tables, or in JSON for machines."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare `--json`, too."""
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="Answer in JSON, for machines.")

    def write_json(self, answer: Any) -> None:
        """Write the answer for machines; of ASCII alone, which every terminal can show."""
        self.stdout.write(json.dumps(answer, cls=DjangoJSONEncoder))

    def write_table(self, rows: Sequence[Mapping[str, Any]], *, empty: str) -> None:
        """Write rows that have the same columns, or else say that there are none."""
        if self.options.json:
            self.write_json(rows)
        else:
            self.stdout.write(table(rows) if rows else empty)


class Writing(Reporting):
    """A subcommand that changes something, and can try that first."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare `--dry-run`, too."""
        super().add_arguments(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="Check everything, change nothing."
        )

    @property
    def write_db(self) -> str:
        """The alias of the database that is written."""
        return self.options.database or router.db_for_write(AppUserOption)

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Take back what is written inside, if this is a dry run."""
        if not self.options.dry_run:
            yield
            return
        with transaction.atomic(using=self.write_db):
            yield
            transaction.set_rollback(True, using=self.write_db)

    def report(self, done: str, **facts: Any) -> None:
        """Say what was done, or in a dry run would be; to people, unless they want quiet."""
        if self.options.json:
            self.write_json({**facts, "dry_run": self.options.dry_run})
        elif self.options.verbosity > 0:
            self.stdout.write(
                f"{'Dry run, nothing changed: ' if self.options.dry_run else ''}{done}"
            )
