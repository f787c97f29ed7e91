"""A forgotten `migrate` is a 500 whose log line says what to do, and not what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import ProgrammingError, connection
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from django_user_options.database_errors import missing_schema
from django_user_options.models import AppUserOption, InboundWebhook
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
    ("model", "column"),
    [
        (AppUserOption, ""),
        (AppUserOption, "value"),
        (get_access_token_model(), ""),
        (get_user_model(), ""),
    ],
    ids=["options", "a column", "tokens", "users"],
)
def test_a_missing_table_or_column_is_named(
    call: Any, token: str, without: Any, caplog: Any, model: Any, column: str
) -> None:
    without(model, column)
    name = column or model._meta.db_table
    assert_named(call("user.option.set", SET, token=token), caplog, name)


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
            failure(UNDEFINED, kind=ProgrammingError, sqlstate="42P01"),
            'SQLSTATE 42P01: relation "x" does not exist',
        ),
        (failure(VALUE, kind=ProgrammingError, sqlstate="42601"), None),
        (failure(1146, "no 'x'"), "(1146, \"no 'x'\")"),
        (failure(2006, VALUE), None),
        (failure("no such table: x"), "no such table: x"),
        (failure(), None),
        (ValueError("no such table: x"), None),
    ],
    ids=range(7),
)
def test_each_driver_s_words_are_known(error: Exception, named: str | None) -> None:
    assert missing_schema(error) == named
