"""The subcommands for the options of one owner: list, get, set and delete."""

from __future__ import annotations

from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError

from django_user_options.fields import decode_json
from django_user_options.management import arguments
from django_user_options.management.subcommand import (
    CAUSE,
    ReportCommand,
    Subcommand,
    WriteCommand,
    number_of,
    visible_json,
)
from django_user_options.owners import owner_options

if TYPE_CHECKING:
    from argparse import ArgumentParser


class OwnerCommand(Subcommand):
    """A subcommand for the options of one application, or of one user of it."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        user = "The user. Without one: the application's own options."
        arguments.add_owner(
            parser, application="The application.", user=user, required=("application",)
        )

    @property
    def stored(self) -> Any:
        """The options of the application for the user or, without a user, its own."""
        application, user = arguments.application_of(self.options), arguments.user_of(self.options)
        return owner_options(application, user, using=self.options.database)


class ListCommand(OwnerCommand, ReportCommand):
    """List the keys of an owner and their sizes or, with --values, their values too.

    Sizes are in bytes of JSON. Values may be private, so they are shown only on request.

    Examples:
      python manage.py user_options list --application notes
      python manage.py user_options list --application notes --user ann --values
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--values", action="store_true", help="Show the values too.")

    def run(self) -> None:
        columns = ["key", "size", "updated_at", *(["value"] if self.options.values else [])]
        rows = list(self.stored.order_by("key").values(*columns))
        if self.options.values and not self.options.json:
            for row in rows:
                row["value"] = visible_json(row["value"], encoding=self.stdout.encoding)
        self.write_rows(rows, empty="This owner has no options.")


class GetCommand(OwnerCommand, ReportCommand):
    """Print the value of a key as JSON or, without a key, an object of all options.

    A key that was never set is an error. A stored null is printed as null.

    Examples:
      python manage.py user_options get theme --application notes --user ann
      python manage.py user_options get --application notes --json
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("key", metavar="KEY", nargs="?", help="The key. By default, all keys.")
        super().add_arguments(parser)

    def run(self) -> None:
        key = self.options.key
        missing = object()
        value = self.stored.as_mapping() if key is None else self.stored.get_option(key, missing)
        if value is missing:
            msg = f"This owner has no option {key!r}. `user_options list` shows all keys."
            raise CommandError(msg)
        if self.options.json:
            self.write_json(value)
        else:
            self.stdout.write(visible_json(value, encoding=self.stdout.encoding, indent=2))


class KeysCommand(OwnerCommand, ReportCommand):
    """List the keys of an owner with the digests of their values.

    A digest changes when the value does, and is what `if` of `user.option.update` compares.

    Examples:
      python manage.py user_options keys --application notes --user ann --prefix draft.
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--prefix",
            metavar="TEXT",
            type=arguments.decoded_text,
            default="",
            help="Only keys that begin with this text.",
        )

    def run(self) -> None:
        found = self.stored.keys(self.options.prefix).keys
        rows = [{"key": key, **facts._asdict()} for key, facts in found.items()]
        self.write_rows(rows, empty="This owner has no such options.")


class UsageCommand(OwnerCommand, ReportCommand):
    """Show how much an owner keeps, and the limits.

    Examples:
      python manage.py user_options usage --application notes --user ann
    """

    def run(self) -> None:
        usage = self.stored.usage()
        if self.options.json:
            self.write_json(usage._asdict())
            return
        used = {"max_keys_per_owner": usage.keys, "max_bytes_per_owner": usage.bytes}
        rows = [
            {"limit": name, "used": used.get(name), "maximum": maximum}
            for name, maximum in usage.limits.items()
        ]
        self.write_rows(rows, empty="")


class PairsCommand(OwnerCommand, WriteCommand):
    """A subcommand that takes keys and values."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument(
            "pairs",
            metavar="KEY=JSON",
            nargs="+",
            help="Keys and values, or - to read one JSON object from standard input.",
        )
        super().add_arguments(parser)

    def given(self) -> dict[str, Any]:
        """Return the keys and values in the arguments or on standard input."""
        if self.options.pairs == ["-"]:
            given: Any = _decoded(arguments.standard_input().read(), "Standard input")
            if not isinstance(given, dict):
                msg = "Standard input must be one JSON object of keys and values."
                raise CommandError(msg)
            return given
        options: dict[str, Any] = {}
        for number, pair in enumerate(self.options.pairs, start=1):
            key, equals, text = pair.partition("=")
            if not equals:
                # The message does not repeat the argument, which may be a value.
                msg = f"Argument {number} has no =. Use KEY=JSON, or - to read standard input."
                raise CommandError(msg)
            if key in options:
                msg = f"The key {key!r} is given twice."
                raise CommandError(msg)
            options[key] = _decoded(text, f"The value of {key!r}")
        return options


class SetCommand(PairsCommand):
    """Write options: either all that are given or none. Other options stay unchanged.

    Values are JSON. A string therefore needs double quotes, and the shell needs single quotes
    around them. To keep a secret out of the shell history, pass one JSON object on standard input.
    Do the same for keys that contain "=" or begin with "-".

    Examples:
      python manage.py user_options set 'theme="dark"' zoom=1.5 --application notes --user ann
      python manage.py user_options set 'columns=["name", "date"]' --application notes --dry-run
      echo '{"token": "s3cret"}' | python manage.py user_options set - --application notes
    """

    def run(self) -> None:
        options, given = self.stored, self.given()
        with self.undone_if_dry_run():
            options.set_options(given, cause=CAUSE)
        self.report(number_of(len(given), "option"), "written", written=len(given))


class IncrementCommand(PairsCommand):
    """Add numbers to options, to all that are given or none. A missing key starts at 0.

    Examples:
      python manage.py user_options increment visits=1 --application notes --user ann
      python manage.py user_options increment balance=-2.5 --application notes --dry-run
    """

    def run(self) -> None:
        options, given = self.stored, self.given()
        with self.undone_if_dry_run():
            options.update_options(increment=given, cause=CAUSE)
        self.report(number_of(len(given), "option"), "incremented", incremented=len(given))


class DeleteCommand(OwnerCommand, WriteCommand):
    """Delete keys of an owner. To delete by pattern or age, see `purge options`.

    Keys that were never set are not an error. The answer says how many keys existed.

    Examples:
      python manage.py user_options delete theme --application notes --user ann --dry-run
      python manage.py user_options delete theme zoom --application notes --user ann
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("keys", metavar="KEY", nargs="+", help="The keys to delete.")
        super().add_arguments(parser)

    def run(self) -> None:
        options = self.stored
        keys = set(self.options.keys)
        with self.undone_if_dry_run():
            deleted = options.delete_options(keys, cause=CAUSE)
        what = f"{deleted:,} of {number_of(len(keys), 'key')}"
        self.report(what, "deleted", deleted=deleted, missing=len(keys) - deleted)


def _decoded(text: str | bytes, where: str) -> Any:
    try:
        return decode_json(text)
    except JSONDecodeError:
        # Not the original error, which holds the text, perhaps a secret.
        msg = f"{where} is not valid JSON. A string needs double quotes: 'theme=\"dark\"'."
    except ValueError as error:
        msg = f"{where} cannot be stored: {error}."
    raise CommandError(msg)
