"""A forgotten `migrate` is a 500 whose log line says what to do, and not what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, ProgrammingError, connection
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_refresh_token_model,
)

from django_user_options.database_errors import missing_schema
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.rest.methods import registry
from django_user_options.rest.methods.option_methods import AppOptionMethod, UserOptionMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

VALUE = "VALUE-THAT-STAYS-HERE"
SET = {"options": {"a": VALUE}}


@pytest.fixture
def without() -> Iterator[Callable[..., None]]:
    """Rename a table, or a column of it, until the end of the test."""
    undo: list[str] = []
    quote = connection.ops.quote_name

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    def rename(model: Any, column: str = "") -> None:
        table = quote(model._meta.db_table)
        if column:
            change = "ALTER TABLE {} RENAME COLUMN {} TO {}"
            old, new = quote(column), quote("gone")
            undo.append(change.format(table, new, old))
            run(change.format(table, old, new))
        else:
            undo.append(f"ALTER TABLE {quote('gone')} RENAME TO {table}")
            run(f"ALTER TABLE {table} RENAME TO {quote('gone')}")

    yield rename
    for statement in undo:
        run(statement)


@pytest.fixture
def webhook(user: Any, application: Any) -> str:
    _, secret = InboundWebhook.objects.issue(owner=user, application=application)
    return f"/rest/{user.pk}/{secret}/"


def assert_told(response: Any, caplog: pytest.LogCaptureFixture, name: str) -> None:
    assert response.status_code == 500
    assert response.json()["error"].upper() == "INTERNAL_SERVER_ERROR"
    assert response.json()["error_description"] == "Internal server error"
    assert "Retry-After" not in response
    (line,) = [r.getMessage() for r in caplog.records if r.name == "django_user_options"]
    assert name in line
    assert "manage.py migrate" in line
    if connection.vendor == "postgresql":
        assert "SQLSTATE 42" in line
    assert VALUE not in caplog.text


@pytest.mark.parametrize(
    ("model", "method"),
    [
        *((AppUserOption, it.name) for it in registry if issubclass(it, UserOptionMethod)),
        *((AppOption, it.name) for it in registry if issubclass(it, AppOptionMethod)),
        (get_access_token_model(), "profile"),
        (get_application_model(), "profile"),
        (get_user_model(), "profile"),
    ],
    ids=lambda part: getattr(part, "__name__", part),
)
def test_a_missing_table_is_named(
    call: Any,
    make_token: Any,
    application: Any,
    administrator: Any,
    without: Any,
    caplog: Any,
    model: Any,
    method: str,
) -> None:
    token = make_token(application, administrator)
    without(model)
    # Whether this origin is listed cannot be known then, either.
    given = {**SET, "set": SET["options"], "option": VALUE}
    answer = call(method, given, token=token, HTTP_ORIGIN="https://app.example")
    assert_told(answer, caplog, model._meta.db_table)


def test_a_missing_table_of_webhooks_is_named(
    call: Any, webhook: str, without: Any, caplog: Any
) -> None:
    without(InboundWebhook)
    response = call("user.option.get", prefix=webhook)
    assert_told(response, caplog, InboundWebhook._meta.db_table)
    assert webhook not in caplog.text


def test_a_missing_table_is_named_at_the_token_endpoint(
    client: Any, refresh: Any, without: Any, caplog: Any
) -> None:
    model = get_refresh_token_model()
    without(model)
    assert_told(client.post("/oauth/token/", refresh), caplog, model._meta.db_table)


@pytest.mark.parametrize("method", ["user.option.set", "user.option.get"])
def test_a_missing_column_is_named(
    call: Any, token: str, without: Any, caplog: Any, method: str
) -> None:
    without(AppUserOption, "value")
    assert_told(call(method, SET, token=token), caplog, "value")


class DriverError(Exception):
    """What psycopg gives Django as the cause of its errors."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__()
        self.sqlstate = sqlstate


def database_error(kind: type[Exception], *args: Any, sqlstate: str | None = None) -> Exception:
    error = kind(*args)
    error.__cause__ = DriverError(sqlstate)
    return error


UNDEFINED = f'relation "x" does not exist\nLINE 1: SELECT {VALUE}'


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            database_error(ProgrammingError, UNDEFINED, sqlstate="42P01"),
            'SQLSTATE 42P01: relation "x" does not exist',
        ),
        (database_error(ProgrammingError, VALUE, sqlstate="42601"), None),
        (database_error(ProgrammingError, 1146, "no 'x'"), "(1146, \"no 'x'\")"),
        (database_error(OperationalError, 1054, "no 'x'"), "(1054, \"no 'x'\")"),
        (database_error(OperationalError, 2006, VALUE), None),
        (database_error(OperationalError, "no such table: x"), "no such table: x"),
        (database_error(OperationalError, "database is locked"), None),
        (database_error(OperationalError), None),
        (ValueError("no such table: x"), None),
    ],
    ids=range(9),
)
def test_each_driver_s_words_are_known(error: Exception, told: str | None) -> None:
    assert missing_schema(error) == told
