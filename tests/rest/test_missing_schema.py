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
from tests.test_database_errors import failure

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
        table, gone = quote(model._meta.db_table), quote("gone")
        if column:
            alter = f"ALTER TABLE {table} RENAME COLUMN "
            undo.append(f"{alter}{gone} TO {quote(column)}")
            run(f"{alter}{quote(column)} TO {gone}")
        else:
            undo.append(f"ALTER TABLE {gone} RENAME TO {table}")
            run(f"ALTER TABLE {table} RENAME TO {gone}")

    yield rename
    for statement in undo:
        run(statement)


def assert_named(response: Any, caplog: pytest.LogCaptureFixture, name: str) -> None:
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
    call: Any, make_token: Any, application: Any, administrator: Any, without: Any, caplog: Any,
    model: Any, method: str,
) -> None:  # fmt: skip
    token = make_token(application, administrator)
    without(model)
    # Whether this origin is listed cannot be known then, either.
    given = {**SET, "set": SET["options"], "option": VALUE}
    answer = call(method, given, token=token, HTTP_ORIGIN="https://app.example")
    assert_named(answer, caplog, model._meta.db_table)


def test_a_missing_column_is_named(call: Any, token: str, without: Any, caplog: Any) -> None:
    without(AppUserOption, "value")
    assert_named(call("user.option.set", SET, token=token), caplog, "value")


def test_a_missing_table_of_webhooks_is_named(
    call: Any, user: Any, without: Any, caplog: Any
) -> None:
    _, secret = InboundWebhook.objects.issue(owner=user)
    without(InboundWebhook)
    response = call("user.option.get", prefix=f"/rest/{user.pk}/{secret}/")
    assert_named(response, caplog, InboundWebhook._meta.db_table)
    assert secret not in caplog.text


def test_a_missing_table_is_named_at_the_token_endpoint(
    client: Any, refresh: Any, without: Any, caplog: Any
) -> None:
    model = get_refresh_token_model()
    without(model)
    assert_named(client.post("/oauth/token/", refresh), caplog, model._meta.db_table)


UNDEFINED = f'relation "x" does not exist\nLINE 1: SELECT {VALUE}'


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (
            failure(ProgrammingError, UNDEFINED, sqlstate="42P01"),
            'SQLSTATE 42P01: relation "x" does not exist',
        ),
        (failure(ProgrammingError, VALUE, sqlstate="42601"), None),
        (failure(OperationalError, 1146, "no 'x'"), "(1146, \"no 'x'\")"),
        (failure(OperationalError, 2006, VALUE), None),
        (failure(OperationalError, "no such table: x"), "no such table: x"),
        (failure(OperationalError), None),
        (ValueError("no such table: x"), None),
    ],
    ids=range(7),
)
def test_each_drivers_words_are_known(error: Exception, named: str | None) -> None:
    assert missing_schema(error) == named
