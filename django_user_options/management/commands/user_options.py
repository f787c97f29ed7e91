"""`manage.py user_options`: options and webhooks on the command line."""

from __future__ import annotations

import sys
from argparse import SUPPRESS, ArgumentError, RawDescriptionHelpFormatter
from contextlib import suppress
from difflib import get_close_matches
from inspect import getdoc
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError

from django_user_options.database_errors import missing_schema
from django_user_options.exceptions import UserOptionsError
from django_user_options.management import (
    local_commands,
    maintenance,
    owner_commands,
    person_commands,
    transfer,
    webhook_commands,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping

    from django_user_options.management.subcommand import Subcommand


class SubcommandGroup(NamedTuple):
    """Subcommands that share their first word."""

    help: str
    members: Mapping[str, type[Subcommand]]


SUBCOMMANDS: Mapping[str, type[Subcommand] | SubcommandGroup] = {
    "list": owner_commands.ListCommand,
    "keys": owner_commands.KeysCommand,
    "usage": owner_commands.UsageCommand,
    "get": owner_commands.GetCommand,
    "set": owner_commands.SetCommand,
    "increment": owner_commands.IncrementCommand,
    "delete": owner_commands.DeleteCommand,
    "export": transfer.ExportCommand,
    "import": transfer.ImportCommand,
    "stats": maintenance.StatsCommand,
    "person": SubcommandGroup(
        "Export and erase what applications keep about a person.",
        {
            "export": person_commands.ExportPersonCommand,
            "erase": person_commands.ErasePersonCommand,
        },
    ),
    "application": SubcommandGroup(
        "Register applications.", {"create": local_commands.CreateApplicationCommand}
    ),
    "token": SubcommandGroup(
        "Issue access tokens for local work.", {"create": local_commands.CreateTokenCommand}
    ),
    "webhook": SubcommandGroup(
        "Issue, rotate, revoke and list inbound webhooks.",
        {
            "create": webhook_commands.CreateWebhookCommand,
            "rotate": webhook_commands.RotateWebhookCommand,
            "revoke": webhook_commands.RevokeWebhooksCommand,
            "list": webhook_commands.ListWebhooksCommand,
        },
    ),
    "purge": SubcommandGroup(
        "Delete old or unneeded options and webhooks.",
        {"options": maintenance.PurgeOptionsCommand, "webhooks": maintenance.PurgeWebhooksCommand},
    ),
}


class Command(BaseCommand):
    """Runs a subcommand."""

    help = (
        "Read, write, move and clean up the options and webhooks of applications. For details and "
        "examples, add --help to a subcommand: `user_options list --help`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        _add_subcommands(parser, SUBCOMMANDS)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the subcommand, or list the subcommands if none is given.

        Raises:
            CommandError: The subcommand failed. The message says why.
        """
        standard_output = sys.stdout if options.get("stdout") is None else options["stdout"]
        if standard_output is None:
            msg = "Standard output is closed."
            raise CommandError(msg)
        if hasattr(standard_output, "reconfigure"):
            # The locale's encoding may lack characters of a key or a value.
            standard_output.reconfigure(errors="backslashreplace")
        try:
            self._run(options)
        except UserOptionsError as error:
            msg = f"{error}."
            raise CommandError(msg) from error
        except OSError as error:
            if standard_output is sys.stdout:
                # Otherwise Python flushes it once more at exit, and fails again.
                with suppress(OSError):
                    sys.stdout.close()
            msg = f"The output is incomplete, because it cannot be written: {error.strerror}."
            raise CommandError(msg) from None

    def _run(self, options: dict[str, Any]) -> None:
        try:
            if options["subcommand"] is None:
                self.stdout.write(options["parser"].format_help())
            else:
                options["subcommand"](self, SimpleNamespace(**options)).run()
            self.stdout.flush()
        except DatabaseError as error:
            missing = missing_schema(error)
            if missing is None:
                raise
            msg = f"{missing}. Run `manage.py migrate`."
            # The database's own error may quote a value.
            raise CommandError(msg) from None


class _DjangoOptions(BaseCommand):
    """Django's own options without defaults, so that they also work after a subcommand."""

    def add_base_argument(self, parser: ArgumentParser, *args: Any, **kwargs: Any) -> None:
        parser.add_argument(*args, **{**kwargs, "default": SUPPRESS, "help": SUPPRESS})


class _SubcommandNames(dict[str, Any]):
    """Names that `argparse` accepts. Any other name is an error with a suggestion."""

    def __contains__(self, name: object) -> bool:
        if not super().__contains__(name):
            similar = get_close_matches(str(name), self, n=1)
            hint = f"Did you mean {similar[0]!r}?" if similar else f"Choose from {', '.join(self)}."
            raise ArgumentError(None, f"Unknown subcommand {name!r}. {hint}")
        return True


def _add_subcommands(
    parser: ArgumentParser, subcommands: Mapping[str, type[Subcommand] | SubcommandGroup]
) -> None:
    parser.set_defaults(parser=parser, subcommand=None)
    django_options = _DjangoOptions().create_parser(
        "", "", add_help=False, argument_default=SUPPRESS
    )
    choices = parser.add_subparsers(title="subcommands", metavar="SUBCOMMAND")
    for name, subcommand in subcommands.items():
        text = subcommand.help if isinstance(subcommand, SubcommandGroup) else getdoc(subcommand)
        # Under `python -OO` there are no docstrings.
        summary, _, details = (text or "").partition("\n\n")
        added = choices.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=details,
            formatter_class=RawDescriptionHelpFormatter,
            parents=[django_options],
        )
        if isinstance(subcommand, SubcommandGroup):
            _add_subcommands(added, subcommand.members)
        else:
            subcommand.add_arguments(added)
            added.set_defaults(subcommand=subcommand)
    choices.choices = _SubcommandNames(choices.choices)
