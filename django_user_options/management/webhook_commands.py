"""The subcommands for webhooks: create, rotate, revoke and list."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from django_user_options.conf import conf
from django_user_options.management import arguments
from django_user_options.management.subcommand import CAUSE, ReportCommand, WriteCommand, number_of
from django_user_options.models import InboundWebhook
from django_user_options.owners import name_field, owners_must_exist
from django_user_options.webhooks import webhook_path

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

_STATES = ("usable", "expired", "revoked")


class SecretCommand(WriteCommand):
    """A subcommand that prints a new secret, which cannot be seen again."""

    @contextmanager
    def undone_if_dry_run(self) -> Iterator[None]:
        """Also undo the writes of the block if the secret cannot be printed."""
        with transaction.atomic(using=self.write_db), super().undone_if_dry_run():
            yield
            self.stdout.flush()

    def print_once(self, **issued: Any) -> None:
        """Print what was issued to standard output or, in a dry run, no secret."""
        if self.options.dry_run:
            self.report("a secret", "issued", **dict.fromkeys(issued))
        elif self.options.json:
            self.write_json({**issued, "dry_run": False})
        else:
            for name, text in issued.items():
                self.stdout.write(f"{name:10} {text}")
            self.stdout.write("This cannot be shown again.")


class WebhookSecretCommand(SecretCommand):
    """A subcommand that gives a webhook a secret."""

    def print_secret(self, webhook: InboundWebhook, secret: str) -> None:
        path = webhook_path(webhook, secret)
        if self.options.json:
            self.print_once(id=webhook.pk, secret=secret, path=path)
        else:
            address = {"address": f"https://YOUR-HOST{path}METHOD"} if path else {}
            self.print_once(webhook=webhook.pk, secret=secret, **address)


class CreateWebhookCommand(WebhookSecretCommand):
    """Issue a webhook, which acts as its owner, and print its secret once.

    Without --application, the webhook cannot use the methods for options. Without --scope, it gets
    the scopes of REQUIRED_SCOPES. --network and --method can be repeated.

    Examples:
      python manage.py user_options webhook create --user ann --application notes --title Nightly
      python manage.py user_options webhook create --user ann --expires-in 90d --json
      python manage.py user_options webhook create --user ann --network 192.0.2.0/24
      python manage.py user_options webhook create --user ann --method user.option.get
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        application = "The application whose options it reads and writes."
        user = "The user that the webhook acts as."
        arguments.add_owner(parser, application=application, user=user, required=("user",))
        text = arguments.decoded_text
        parser.add_argument("--title", type=text, default="", help="Its purpose.")
        scopes = " ".join(conf.required_scopes)
        parser.add_argument("--scope", type=text, default=scopes, help="Separated by spaces.")
        parser.add_argument(
            "--allow-admin", action="store_true", help="Let it use administrator rights."
        )
        lifetime = "90d, 12h, … By default, WEBHOOK_LIFETIME_DAYS or never."
        parser.add_argument("--expires-in", metavar="AGE", type=arguments.lifetime, help=lifetime)
        network = "Only accept calls from this IP address or network."
        method = "Only accept calls of this REST method."
        for name, accepted in (("network", network), ("method", method)):
            parser.add_argument(f"--{name}", type=text, action="append", default=[], help=accepted)

    def run(self) -> None:
        owner, application = arguments.user_of(self.options), arguments.application_of(self.options)
        fields: dict[str, Any] = {
            "application": application,
            "title": self.options.title,
            "scope": self.options.scope,
            "allow_admin": self.options.allow_admin,
            "allowed_networks": " ".join(self.options.network),
            "allowed_methods": " ".join(self.options.method),
        }
        if self.options.expires_in is not None:
            fields["expires_at"] = timezone.now() + self.options.expires_in
        try:
            # Django would look for the owner and the application in the default database.
            InboundWebhook(**fields).clean_fields(exclude=["secret_digest", "owner", "application"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        webhooks = InboundWebhook.objects.using(self.write_db)
        with self.undone_if_dry_run():
            with owners_must_exist(filter(None, (owner, application)), using=self.write_db):
                webhook, secret = webhooks.issue(owner=owner, cause=CAUSE, **fields)
            self.print_secret(webhook, secret)


class RotateWebhookCommand(WebhookSecretCommand):
    """Give a webhook a new secret. The old one stops working at once, or after --overlap.

    The webhook keeps its number, owner, application, scopes and expiry. A webhook that has expired
    or was revoked cannot get a new secret; issue a new one with `webhook create`.

    Examples:
      python manage.py user_options webhook rotate 1
      python manage.py user_options webhook rotate 1 --overlap 1d
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument(
            "id", metavar="ID", type=int, help="The number that `webhook list` shows."
        )
        parser.add_argument(
            "--overlap",
            metavar="AGE",
            type=arguments.duration,
            default=timedelta(),
            help="How long the old secret keeps working: 1d, 12h, …",
        )
        super().add_arguments(parser)

    def run(self) -> None:
        webhooks = InboundWebhook.objects.using(self.write_db).filter(pk=self.options.id)
        with self.undone_if_dry_run():
            secret = webhooks.rotate(overlap=self.options.overlap, cause=CAUSE)
            if secret is None:
                msg = f"There is no usable webhook {self.options.id}. `webhook list` shows all."
                raise CommandError(msg)
            self.print_secret(webhooks.get(), secret)


class RevokeWebhooksCommand(WriteCommand):
    """Revoke webhooks for good, by number or all of a user or an application.

    Revoked webhooks stay in the list until `purge webhooks` deletes them.

    Examples:
      python manage.py user_options webhook revoke --user ann --dry-run
      python manage.py user_options webhook revoke 1
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument(
            "ids", metavar="ID", type=int, nargs="*", help="The number that `webhook list` shows."
        )
        super().add_arguments(parser)
        _add_filters(parser)

    def run(self) -> None:
        chosen = _filtered(self.options, using=self.write_db)
        if self.options.ids:
            # One query each: on some databases, a list with a number that is too large is an error.
            unknown = {pk for pk in self.options.ids if not chosen.filter(pk=pk).exists()}
            if unknown:
                msg = f"There is no such webhook: {', '.join(map(str, sorted(unknown)))}."
                raise CommandError(msg)
            chosen = chosen.filter(pk__in=self.options.ids)
        elif self.options.application is self.options.user is self.options.user_id is None:
            msg = "Give numbers, --user or --application."
            raise CommandError(msg)
        with self.undone_if_dry_run():
            revoked = chosen.revoke(cause=CAUSE)
        self.report(number_of(revoked, "webhook"), "revoked", revoked=revoked)


class ListWebhooksCommand(ReportCommand):
    """List webhooks, newest first. Their secrets are not stored and cannot be shown.

    Examples:
      python manage.py user_options webhook list
      python manage.py user_options webhook list --user ann --state usable --json
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        _add_filters(parser)
        parser.add_argument("--state", choices=_STATES, help="Only webhooks in this state.")

    def run(self) -> None:
        states = _STATES if self.options.state is None else (self.options.state,)
        owner_name = f"owner__{name_field(get_user_model())}"
        rows = [
            {"id": row.pop("id"), "state": state, **row}
            for state in states
            for row in getattr(
                _filtered(self.options, using=self.options.database), state
            )().values(
                *("id", "title", "scope", "allowed_networks", "allowed_methods", "expires_at"),
                *("revoked_at", "last_used_at", "last_used_from", "old_secret_expires_at"),
                administrator=F("allow_admin"),
                user=F(owner_name),
                client_id=F("application__client_id"),
                application_name=F("application__name"),
            )
        ]
        rows.sort(key=lambda row: -row["id"])
        self.write_rows(rows, empty="No webhooks match.")


def _add_filters(parser: ArgumentParser) -> None:
    application, user = "Only webhooks of this application.", "Only webhooks of this user."
    arguments.add_owner(parser, application=application, user=user)


def _filtered(options: Any, *, using: str | None) -> Any:
    wanted = {"owner": arguments.user_of(options), "application": arguments.application_of(options)}
    filters = {name: value for name, value in wanted.items() if value is not None}
    return InboundWebhook.objects.using(using).filter(**filters)
