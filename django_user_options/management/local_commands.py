"""The subcommands that replace a shell in local work: application create and token create."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.conf import conf
from django_user_options.management import arguments
from django_user_options.management.webhook_commands import SecretCommand

if TYPE_CHECKING:
    from argparse import ArgumentParser


class CreateApplicationCommand(SecretCommand):
    """Register an application that gets tokens by client credentials, and print its secret once.

    Its tokens act as the owner. For other kinds of applications, use the admin or the toolkit's
    `createapplication`.

    Example:
      python manage.py user_options application create --user ann --client-id board --name Board
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        arguments.add_user(parser, "The owner.")
        text = arguments.decoded_text
        parser.add_argument("--client-id", type=text, required=True, help="A new, unique id.")
        parser.add_argument("--name", type=text, default="", help="What people see.")

    def run(self) -> None:
        model, secret = get_application_model(), secrets.token_urlsafe(32)
        application = model(
            user=arguments.user_of(self.options),
            client_id=self.options.client_id,
            name=self.options.name or self.options.client_id,
            client_secret=secret,
            client_type=model.CLIENT_CONFIDENTIAL,
            authorization_grant_type=model.GRANT_CLIENT_CREDENTIALS,
        )
        try:
            application.full_clean(exclude=["user"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with self.undone_if_dry_run():
            application.save(using=self.write_db)
            self.print_once(client_id=application.client_id, secret=secret)


class CreateTokenCommand(SecretCommand):
    """Issue an access token without OAuth, to try the REST methods with, and print it once.

    It has the scopes of REQUIRED_SCOPES and lives for an hour, unless --expires-in says otherwise.

    Example:
      python manage.py user_options token create --user ann --application notes --expires-in 8h
    """

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        arguments.add_owner(
            parser,
            application="The application that the token belongs to.",
            user="The user that the token acts as.",
            required=("application", "user"),
        )
        parser.add_argument(
            "--expires-in",
            metavar="AGE",
            type=arguments.lifetime,
            default=timedelta(hours=1),
            help="30m, 12h, … By default, one hour.",
        )

    def run(self) -> None:
        token = secrets.token_urlsafe(32)
        with self.undone_if_dry_run():
            get_access_token_model()._base_manager.using(self.write_db).create(  # noqa: SLF001
                application=arguments.application_of(self.options),
                user=arguments.user_of(self.options),
                token=token,
                scope=" ".join(conf.required_scopes),
                expires=timezone.now() + self.options.expires_in,
            )
            self.print_once(token=token)
