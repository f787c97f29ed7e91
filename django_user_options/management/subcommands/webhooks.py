"""Webhooks: issue, give another secret, end, list."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from django_user_options.management.subcommands.arguments import (
    add_application,
    add_user,
    application_of,
    duration,
    text,
    user_of,
)
from django_user_options.management.subcommands.base import Reporting, Writing
from django_user_options.management.subcommands.output import number_of
from django_user_options.models import InboundWebhook
from django_user_options.owners import held, name_field
from django_user_options.webhooks import digest, new_secret, webhook_path

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from django.db.models import QuerySet

_STATES = ("usable", "expired", "revoked")


class WithSecret(Writing):
    """A subcommand that shows a secret, the one time that it can be seen."""

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Take back a secret that could not be shown, too."""
        with transaction.atomic(using=self.write_db), super().trial():
            yield
            self.stdout.flush()

    def show_secret(self, webhook: InboundWebhook, secret: str) -> None:
        """Write the secret to standard output and nowhere else; in a dry run it is none."""
        if self.options.dry_run:
            self.report("a secret would be issued.", id=None, secret=None, path=None)
            return
        path = webhook_path(webhook, secret)
        if self.options.json:
            self.report("", id=webhook.pk, secret=secret, path=path)
            return
        self.stdout.write(f"webhook  {webhook.pk}\nsecret   {secret}")
        if path is not None:
            self.stdout.write(f"address  https://YOUR-HOST{path}METHOD")
        self.stdout.write("The secret is not kept and cannot be shown again.")


class CreateWebhook(WithSecret):
    """Issues a webhook."""

    help = "Issue a webhook, which acts as its owner, and print its secret once."
    epilog = """\
Without --application the methods for options are refused. Without --scope it holds the scopes of
REQUIRED_SCOPES.

examples:
  python manage.py user_options webhook create --user ann --application notes --title Nightly
  python manage.py user_options webhook create --user ann --expires-in 90d --json
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare what the webhook may do, and for how long."""
        super().add_arguments(parser)
        add_user(parser, "The user as whom it acts.", required=True)
        add_application(parser, "The application whose options it reads and writes.")
        parser.add_argument("--title", type=text, default="", help="What it is for.")
        parser.add_argument(
            "--scope", type=text, metavar="SCOPES", help="Scopes, separated by spaces."
        )
        parser.add_argument(
            "--allow-admin", action="store_true", help="Let it use the user's administrator rights."
        )
        parser.add_argument(
            "--expires-in", metavar="AGE", type=duration, help="90d, 12h, …; else never."
        )

    def run(self) -> None:
        """Issue it."""
        owner, application = user_of(self.options), application_of(self.options)
        fields: dict[str, Any] = {
            "application": application,
            "title": self.options.title,
            "allow_admin": self.options.allow_admin,
        }
        if self.options.scope is not None:
            fields["scope"] = self.options.scope
        if self.options.expires_in is not None:
            fields["expires_at"] = timezone.now() + self.options.expires_in
        try:
            # Both have been found, in the database that is meant.
            found = {"owner", "application"}
            InboundWebhook(**fields).clean_fields(exclude={"secret_digest"} | found)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        webhooks = InboundWebhook.objects.using(self.write_db)
        with self.trial():
            with held(filter(None, (owner, application)), using=self.write_db):
                webhook, secret = webhooks.issue(owner=owner, **fields)
            self.show_secret(webhook, secret)


class RotateWebhook(WithSecret):
    """Replaces a secret."""

    help = "Give a webhook another secret; whoever holds the old one is refused from then on."
    epilog = """\
It stays the same webhook, with its number, owner, application, scopes and end. One that has
expired or was revoked gets no other secret: issue a new one by `webhook create`.

example:
  python manage.py user_options webhook rotate 1
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare which."""
        parser.add_argument("id", metavar="ID", type=int, help="As `webhook list` shows it.")
        super().add_arguments(parser)

    def run(self) -> None:
        """Replace the digest by one statement: there is no moment with two secrets, or none."""
        webhooks = InboundWebhook.objects.using(self.options.database)
        usable = webhooks.usable().filter(pk=self.options.id)
        secret = new_secret()
        with self.trial():
            if not usable.update(secret_digest=digest(secret)):
                msg = f"There is no usable webhook {self.options.id}. `webhook list` shows all."
                raise CommandError(msg)
            self.show_secret(webhooks.using(self.write_db).get(pk=self.options.id), secret)


class RevokeWebhooks(Writing):
    """Ends webhooks."""

    help = "End webhooks at once and for good: some by number, or all of a user or application."
    epilog = """\
They stay in the list as revoked, until `purge webhooks`.

examples:
  python manage.py user_options webhook revoke --user ann --dry-run
  python manage.py user_options webhook revoke 1
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare which."""
        parser.add_argument("ids", metavar="ID", type=int, nargs="*", help="Which, by number.")
        super().add_arguments(parser)
        add_user(parser, "Only those that act as this user.")
        add_application(parser, "Only those of this application.")

    def run(self) -> None:
        """End them, or none if a number is unknown."""
        chosen = _chosen(self.options)
        if self.options.ids:
            # One by one: a list with a number beyond the column's is an error on some databases.
            unknown = [pk for pk in self.options.ids if not chosen.filter(pk=pk).exists()]
            if unknown:
                msg = f"There is no such webhook: {', '.join(map(str, sorted(set(unknown))))}."
                raise CommandError(msg)
            chosen = chosen.filter(pk__in=self.options.ids)
        elif self.options.application is self.options.user is self.options.user_id is None:
            msg = "Say which: by number, --user or --application."
            raise CommandError(msg)
        with self.trial():
            revoked = chosen.revoke()
        self.report(f"{number_of(revoked, 'webhook')} revoked.", revoked=revoked)


class ListWebhooks(Reporting):
    """Lists webhooks."""

    help = "List webhooks, the newest first, without their secrets, which are not kept."
    epilog = """\
examples:
  python manage.py user_options webhook list
  python manage.py user_options webhook list --user ann --state usable --json
"""

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Declare which."""
        super().add_arguments(parser)
        add_user(parser, "Only those that act as this user.")
        add_application(parser, "Only those of this application.")
        parser.add_argument("--state", choices=_STATES, help="Only those in this state.")

    def run(self) -> None:
        """List them."""
        states = _STATES if self.options.state is None else (self.options.state,)
        rows = [row for state in states for row in _rows(_chosen(self.options), state)]
        rows.sort(key=lambda row: -row["id"])
        self.write_table(rows, empty="There are no such webhooks.")


def _chosen(options: Any) -> Any:
    owner, application = user_of(options), application_of(options)
    webhooks: QuerySet[InboundWebhook] = InboundWebhook.objects.using(options.database)
    if owner is not None:
        webhooks = webhooks.filter(owner=owner)
    return webhooks if application is None else webhooks.filter(application=application)


def _rows(webhooks: Any, state: str) -> list[dict[str, Any]]:
    owner_name = f"owner__{name_field(get_user_model())}"
    rows = getattr(webhooks, state)().values(
        "id",
        "title",
        "scope",
        "expires_at",
        "revoked_at",
        administrator=F("allow_admin"),
        user=F(owner_name),
        client_id=F("application__client_id"),
    )
    return [{"id": row.pop("id"), "state": state, **row} for row in rows]
