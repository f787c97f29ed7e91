"""Arguments that several subcommands take, and what they stand for."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from django.contrib.auth import get_user_model
from django.core.exceptions import (
    MultipleObjectsReturned,
    ObjectDoesNotExist,
    ValidationError,
)
from django.core.management import CommandError
from oauth2_provider.models import get_application_model

from django_user_options.owners import name_field, owner_options, unfiltered

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from types import SimpleNamespace

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def add_application(parser: ArgumentParser, help_text: str, *, required: bool = False) -> None:
    """Declare `--application`."""
    parser.add_argument("--application", metavar="CLIENT_ID", required=required, help=help_text)


def add_user(parser: ArgumentParser, help_text: str, *, required: bool = False) -> None:
    """Declare `--user` and `--user-id`, which exclude each other."""
    group = parser.add_mutually_exclusive_group(required=required)
    group.add_argument("--user", metavar="NAME", help=f"{help_text} By the name for the login.")
    group.add_argument("--user-id", metavar="ID", help="The same by primary key.")


def application_of(options: SimpleNamespace) -> Any:
    """Return the application, or `None` where none was named.

    Raises:
        CommandError: There is no such application.
    """
    if options.application is None:
        return None
    return _find(get_application_model(), "client_id", options.application, options.database)


def user_of(options: SimpleNamespace) -> Any:
    """Return the user, or `None` where none was named.

    Raises:
        CommandError: There is no such user, or more than one.
    """
    model = get_user_model()
    if options.user is not None:
        return _find(model, name_field(model), options.user, options.database)
    if options.user_id is not None:
        return _find(model, "pk", options.user_id, options.database)
    return None


def options_of_owner(options: SimpleNamespace) -> Any:
    """Return the options of the application for the user or, without one, its own.

    Raises:
        CommandError: There is no such application or user.
    """
    application, user = application_of(options), user_of(options)
    return owner_options(application, user, using=options.database)


def standard_input() -> BinaryIO:
    """Return standard input as bytes, which are UTF-8 whatever the locale says.

    Raises:
        CommandError: It is closed.
    """
    if sys.stdin is None:
        msg = "Standard input is closed: there is nothing to read."
        raise CommandError(msg)
    return sys.stdin.buffer


def duration(text: str) -> timedelta:
    """Return the time that `90d` and the like stand for.

    Raises:
        ArgumentTypeError: It is none.
    """
    match = re.fullmatch(r"(\d{1,5})([mhdw])", text, flags=re.ASCII)
    if match is None:
        msg = "write a number and m, h, d or w: 30m, 12h, 90d, 8w"
        raise ArgumentTypeError(msg)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def text(given: str) -> str:
    """Return the text.

    Raises:
        ArgumentTypeError: The shell gave bytes that are none, and that no database takes.
    """
    if re.search("[\ud800-\udfff]", given):
        msg = f"this is no text in the encoding of your locale: {given!r}"
        raise ArgumentTypeError(msg)
    return given


def at_least_one(text: str) -> int:
    """Return the number.

    Raises:
        ArgumentTypeError: It is none, or below one.
    """
    if not re.fullmatch(r"0*[1-9]\d{0,8}", text, flags=re.ASCII):
        msg = "write a number from 1 on"
        raise ArgumentTypeError(msg)
    return int(text)


def _find(model: Any, field: str, name: str, using: str | None) -> Any:
    try:
        return unfiltered(model, using=using).get(**{field: name})
    except (ObjectDoesNotExist, ValueError, ValidationError):
        kind = "user" if model is get_user_model() else "application"
        msg = f"There is no {kind} with the {field} {name!r}."
        raise CommandError(msg) from None
    except MultipleObjectsReturned:
        # Of applications a client id is unique.
        msg = f"More than one user has the {field} {name!r}: name one by --user-id."
        raise CommandError(msg) from None
