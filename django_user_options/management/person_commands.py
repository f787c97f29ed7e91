"""The subcommands for what applications keep about one person: export and erase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError

from django_user_options.management import arguments
from django_user_options.management.subcommand import CAUSE, Subcommand, WriteCommand, number_of
from django_user_options.owners import options_of
from django_user_options.personal_data import as_zip, erase

if TYPE_CHECKING:
    from argparse import ArgumentParser


class PersonCommand(Subcommand):
    """A subcommand about one person."""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument("user", metavar="NAME", nargs="?", help="The username.")
        group.add_argument("--user-id", metavar="ID", help="The person by primary key.")

    @property
    def person(self) -> Any:
        """The person in the arguments."""
        return arguments.user_of(self.options)


class ExportPersonCommand(PersonCommand):
    """Write all options that applications keep about a person to a new ZIP file.

    It has the lines of `user_options export --user NAME`, and a page to read. Both contain values,
    so only the user who runs the command can read the file.

    Example:
      python manage.py user_options person export ann --output ann.zip
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--output", metavar="FILE", required=True, help="The file to create.")

    def run(self) -> None:
        person, path = self.person, Path(self.options.output)
        (options,) = options_of(user=person, using=self.options.database)
        try:
            path.touch(mode=0o600, exist_ok=False)
            path.write_bytes(as_zip(options, str(person)))
        except OSError as error:
            msg = f"{path} cannot be created: {error.strerror}."
            raise CommandError(msg) from error
        if self.options.verbosity > 0:
            self.stdout.write(f"{number_of(options.count(), 'option')} written to {path}.")


class ErasePersonCommand(PersonCommand, WriteCommand):
    """Erase the options that applications keep about a person.

    With --also, it deletes the person's webhooks or tokens, too, or both. It asks for confirmation,
    unless --no-input is given. Without --also tokens, applications can store new options.

    Examples:
      python manage.py user_options person erase ann --dry-run
      python manage.py user_options person erase ann --application notes --no-input
      python manage.py user_options person erase ann --also webhooks --also tokens --no-input
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--application",
            metavar="NAME",
            help="Only what this application keeps. By client id or unique name.",
        )
        parser.add_argument(
            "--also",
            action="append",
            choices=["webhooks", "tokens"],
            default=[],
            help="What to delete besides options; may be given twice.",
        )
        cls.add_no_input(parser)

    def run(self) -> None:
        person, application = self.person, arguments.application_of(self.options)
        if self.asks:
            which = "all applications" if application is None else str(application)
            what = " and ".join(["options", *dict.fromkeys(self.options.also)])
            self.confirm(f"This erases the {what} of {person} in {which}.")
        with self.undone_if_dry_run():
            erased = erase(
                person,
                application=application,
                also=self.options.also,
                cause=CAUSE,
                using=self.write_db,
            )
        counts = [
            number_of(count, noun)
            for count, noun in zip(erased, ("option", "webhook", "token"), strict=True)
        ]
        self.report(", ".join(counts), "erased", **erased._asdict())
