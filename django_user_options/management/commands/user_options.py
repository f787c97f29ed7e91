"""`manage.py user_options`: the options and webhooks, for an operator at a terminal."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS, RawDescriptionHelpFormatter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.core.management import BaseCommand, CommandError

from django_user_options.exceptions import UserOptionsError
from django_user_options.management.subcommands import SUBCOMMANDS
from django_user_options.management.subcommands.base import Group, Subcommand
from django_user_options.management.subcommands.output import JSON_ESCAPES, reconfigure

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping

_STANDARD_OUTPUT = 1


class Command(BaseCommand):
    """Hands what was typed to a subcommand."""

    help = (
        "Read, write, move and tidy up the options and webhooks of applications. Each subcommand "
        "explains itself, with examples: `user_options list --help`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommands, each with its options."""
        _add_subcommands(parser, SUBCOMMANDS)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the subcommand.

        Raises:
            CommandError: It was refused; the message says why.
        """
        subcommand: type[Subcommand] = options["subcommand"]
        if self.stdout._out is None:  # noqa: SLF001
            msg = "Standard output is closed: there is nowhere to answer."
            raise CommandError(msg)
        # What the encoding of the locale lacks, as `visible` writes it: \u0442.
        reconfigure(self.stdout, errors=JSON_ESCAPES)
        try:
            subcommand(self, SimpleNamespace(**options)).run()
            self.stdout.flush()
        except UserOptionsError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            if self.stdout._out is sys.stdout:  # noqa: SLF001
                # Python's last flush would fail again.
                os.dup2(os.open(os.devnull, os.O_WRONLY), _STANDARD_OUTPUT)
            # As after `| head`: nobody reads on.
            msg = f"The answer is not complete, as it cannot be written: {error.strerror}."
            raise CommandError(msg) from None


def _add_subcommands(
    parser: ArgumentParser, subcommands: Mapping[str, type[Subcommand] | Group]
) -> None:
    choices = parser.add_subparsers(title="subcommands", metavar="SUBCOMMAND", required=True)
    for name, subcommand in subcommands.items():
        added = choices.add_parser(
            name,
            help=subcommand.help,
            description=subcommand.help,
            epilog=getattr(subcommand, "epilog", None),
            formatter_class=RawDescriptionHelpFormatter,
        )
        if isinstance(subcommand, Group):
            _add_subcommands(added, subcommand.members)
        else:
            subcommand.add_arguments(added)
            _add_options_of_django(added)
            added.set_defaults(subcommand=subcommand)


def _add_options_of_django(parser: ArgumentParser) -> None:
    """Let Django's own options also stand at the end, where people write them."""
    for option in ("--settings", "--pythonpath"):
        parser.add_argument(option, default=SUPPRESS, help=SUPPRESS)
    parser.add_argument(
        "-v", "--verbosity", type=int, choices=range(4), default=SUPPRESS, help=SUPPRESS
    )
    for option in ("--traceback", "--no-color", "--force-color", "--skip-checks"):
        parser.add_argument(option, action="store_true", default=SUPPRESS, help=SUPPRESS)
