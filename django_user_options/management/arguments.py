"""Arguments that several subcommands share, and the objects that they refer to."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from oauth2_provider.models import get_application_model

from django_user_options.owners import name_field, options_of, unfiltered

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Collection
    from types import SimpleNamespace

    from django.db.models import QuerySet

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def add_owner(
    parser: ArgumentParser,
    *,
    application: str = "Only options of this application and of its users.",
    user: str = "Only options of this user.",
    required: Collection[str] = (),
) -> None:
    """Add `--application`, and `--user` or `--user-id`; `required` names what must be given."""
    parser.add_argument(
        "--application",
        metavar="NAME",
        required="application" in required,
        help=f"{application} By client id or unique name.",
    )
    add_user(parser, user, required="user" in required)


def add_user(parser: ArgumentParser, text: str, *, required: bool = True) -> None:
    """Add `--user` with this help, and `--user-id`."""
    group = parser.add_mutually_exclusive_group(required=required)
    group.add_argument("--user", metavar="USERNAME", help=text)
    group.add_argument("--user-id", metavar="ID", help="The same, by primary key.")


def application_of(options: SimpleNamespace) -> Any:
    """Return the application in the arguments, or `None` if there is none.

    Raises:
        CommandError: The application does not exist, or several share the name.
    """
    name = options.application
    if name is None:
        return None
    model = get_application_model()
    found = _matches(model, "client_id", name, options.database)
    # An empty name, for example from an unset variable, is an error.
    if name and not found:
        found = _matches(model, "name", name, options.database)
    return _only(found, f"application with the client id or the name {name!r}", "the client id")


def user_of(options: SimpleNamespace) -> Any:
    """Return the user in the arguments, or `None` if there is none.

    Raises:
        CommandError: The user does not exist, or several share the name.
    """
    model = get_user_model()
    field, name = name_field(model), options.user
    if name is None:
        field, name = "pk", options.user_id
    if name is None:
        return None
    found = _matches(model, field, name, options.database)
    return _only(found, f"user with the {field} {name!r}", "--user-id")


def selected_options(options: SimpleNamespace, *, using: str | None) -> list[QuerySet[Any]]:
    """Return the options of the given application, user, or both."""
    return options_of(application=application_of(options), user=user_of(options), using=using)


def total_of(tables: list[QuerySet[Any]]) -> int:
    """Count the rows in all tables."""
    return sum(options.count() for options in tables)


def standard_input() -> BinaryIO:
    """Return standard input as bytes: JSON is UTF-8 in every locale.

    Raises:
        CommandError: Standard input is closed.
    """
    if sys.stdin is None:
        msg = "Standard input is closed."
        raise CommandError(msg)
    return sys.stdin.buffer


def duration(text: str) -> timedelta:
    """Return the duration for a text such as `90d`."""
    match = re.fullmatch(r"(\d{1,5})([mhdw])", text, flags=re.ASCII)
    if match is None:
        msg = "use a number followed by m, h, d or w, such as 30m, 12h, 90d or 8w"
        raise ArgumentTypeError(msg)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def lifetime(text: str) -> timedelta:
    """Return the duration for a text such as `90d`; zero is refused."""
    found = duration(text)
    if not found:
        msg = "it would expire at once; use 1m or more"
        raise ArgumentTypeError(msg)
    return found


def decoded_text(text: str) -> str:
    """Return the text, unless it contains bytes that are invalid in the locale's encoding.

    Python replaces such bytes with lone surrogates, which no database can store.
    """
    if re.search("[\ud800-\udfff]", text):
        msg = f"not valid text in the encoding of your locale: {text!r}"
        raise ArgumentTypeError(msg)
    return text


def positive_integer(text: str) -> int:
    """Return the number, which is at least 1."""
    if not re.fullmatch(r"0*[1-9]\d{0,8}", text, flags=re.ASCII):
        msg = "use a whole number of 1 or more"
        raise ArgumentTypeError(msg)
    return int(text)


def _matches(model: Any, field: str, value: str, using: str | None) -> list[Any]:
    try:
        return list(unfiltered(model, using=using).filter(**{field: value})[:2])
    except (ValueError, ValidationError):
        # The column cannot hold such a value.
        return []


def _only(found: list[Any], what: str, better: str) -> Any:
    if len(found) == 1:
        return found[0]
    msg = f"There is more than one {what}. Use {better}." if found else f"There is no {what}."
    raise CommandError(msg)
