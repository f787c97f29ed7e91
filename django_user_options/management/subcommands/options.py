"""The options of one owner: list, get, set, delete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError

from django_user_options.management.subcommands.arguments import (
    add_application,
    add_user,
    options_of_owner,
    standard_input,
)
from django_user_options.management.subcommands.base import CAUSE, Reporting, Subcommand, Writing
from django_user_options.management.subcommands.output import number_of, visible_json

if TYPE_CHECKING:
    from argparse import ArgumentParser

_STANDARD_INPUT = "-"


class OfOneOwner(Subcommand):
    """A subcommand for the options of an application and a user, or of an application itself."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare who the owner is."""
        super().add_arguments(parser)
        add_application(parser, "Whose options, by client id.", required=True)
        add_user(parser, "For which user; without one, the application's own options.")


class List(OfOneOwner, Reporting):
    """Lists keys."""

    help = "List the keys of an owner with their sizes, and with --values what they hold."
    epilog = """\
Sizes are bytes of JSON. Values may be private, so they are shown only if asked for.

examples:
  python manage.py user_options list --application notes
  python manage.py user_options list --application notes --user ann --values
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare `--values`, too."""
        super().add_arguments(parser)
        parser.add_argument("--values", action="store_true", help="Show the values, too.")

    def run(self) -> None:
        """List them in the order of their keys."""
        columns = ["key", "size", "updated_at", *(["value"] if self.options.values else [])]
        rows: list[dict[str, Any]] = list(
            options_of_owner(self.options).order_by("key").values(*columns)
        )
        if self.options.values and not self.options.json:
            rows = [{**row, "value": json.dumps(row["value"], ensure_ascii=False)} for row in rows]
        self.write_table(rows, empty="This owner keeps no options.")


class Get(OfOneOwner, Reporting):
    """Prints values."""

    help = "Print the value of a key as JSON, or without a key an object of all of them."
    epilog = """\
A key that was never set is an error; a stored null is printed as null.

examples:
  python manage.py user_options get theme --application notes --user ann
  python manage.py user_options get --application notes --json
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare the key, too."""
        parser.add_argument("key", metavar="KEY", nargs="?", help="Which one; without it, all.")
        super().add_arguments(parser)

    def run(self) -> None:
        """Print it, indented for people or on one line for machines."""
        options = options_of_owner(self.options)
        key = self.options.key
        missing = object()
        value = options.as_mapping() if key is None else options.get_option(key, missing)
        if value is missing:
            msg = f"This owner has no option {key!r}. `user_options list` shows which there are."
            raise CommandError(msg)
        if self.options.json:
            self.write_json(value)
        else:
            self.stdout.write(visible_json(value))


class Set(OfOneOwner, Writing):
    """Writes values."""

    help = "Write options, all of those named or none; others stay as they are."
    epilog = """\
A value is JSON, so a string has quotes of its own, and the shell needs others around them.
What may not stand in the shell's history is read from standard input, as one JSON object;
so are keys that hold "=" or begin with "-".

examples:
  python manage.py user_options set 'theme="dark"' zoom=1.5 --application notes --user ann
  python manage.py user_options set 'columns=["name", "date"]' --application notes --dry-run
  echo '{"token": "s3cret"}' | python manage.py user_options set - --application notes
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare the options to write, too."""
        parser.add_argument(
            "given",
            metavar="KEY=JSON",
            nargs="+",
            help="What to write, or - to read an object from standard input.",
        )
        super().add_arguments(parser)

    def run(self) -> None:
        """Write them as the Python API does, with its validation and limits."""
        options = options_of_owner(self.options)
        from_input = self.options.given == [_STANDARD_INPUT]
        given = _object_of_input() if from_input else _parsed(self.options.given)
        with self.trial():
            options.set_options(given, cause=CAUSE)
        self.report(f"{number_of(len(given), 'option')} written.", written=len(given))


class Delete(OfOneOwner, Writing):
    """Deletes keys."""

    help = "Delete keys of an owner. To delete by pattern or age, see `purge options`."
    epilog = """\
Keys that were never set are no error; the answer says how many there were.

examples:
  python manage.py user_options delete theme --application notes --user ann --dry-run
  python manage.py user_options delete theme zoom --application notes --user ann
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare the keys, too."""
        parser.add_argument("keys", metavar="KEY", nargs="+", help="What to delete.")
        super().add_arguments(parser)

    def run(self) -> None:
        """Delete them as the Python API does."""
        options = options_of_owner(self.options)
        keys = set(self.options.keys)
        with self.trial():
            deleted = options.delete_options(keys, cause=CAUSE)
        text = f"{deleted:,} of {number_of(len(keys), 'key')} deleted."
        self.report(text, deleted=deleted, missing=len(keys) - deleted)


def _parsed(pairs: list[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for number, pair in enumerate(pairs, start=1):
        key, equals, text = pair.partition("=")
        if not equals:
            # It may be the value, or an object of keys and values, so it is not repeated.
            msg = f"Word {number} has no =: write KEY=JSON, or - alone for standard input."
            raise CommandError(msg)
        if key in options:
            msg = f"{key!r} is given twice."
            raise CommandError(msg)
        options[key] = _json(text, f"The value of {key!r}")
    return options


def _object_of_input() -> dict[str, Any]:
    given = _json(standard_input().read(), "Standard input")
    if not isinstance(given, dict):
        msg = "Standard input must be one JSON object of keys and values."
        raise CommandError(msg)
    return given


def _json(text: str | bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # The error of `json` would carry the text.
        msg = f"{where} is not JSON. A string needs quotes of its own: 'theme=\"dark\"'."
        raise CommandError(msg) from None
