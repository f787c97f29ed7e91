"""A write that met another writer is tried again, a bounded number of times."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connection, transaction

from django_user_options import database_errors
from django_user_options.database_errors import (
    is_conflict,
    is_foreign_key_violation,
    retry_on_conflict,
)


class PostgreSQLError(Exception):
    """Carries the state as psycopg's errors do."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class OldPostgreSQLError(Exception):
    """Carries the state as psycopg2's errors do."""

    def __init__(self, pgcode: str) -> None:
        super().__init__(pgcode)
        self.pgcode = pgcode


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = code
    return error


def failure(cause: Exception | None = None, *args: Any) -> OperationalError:
    error = OperationalError(*args)
    error.__cause__ = cause
    return error


class Write:
    """Fails as often as it is told, then succeeds."""

    def __init__(self, error: OperationalError, failures: int) -> None:
        self.error, self.failures, self.runs = error, failures, 0

    def __call__(self) -> str:
        self.runs += 1
        if self.runs <= self.failures:
            raise self.error
        return "written"


CONFLICTS = [
    pytest.param(failure(PostgreSQLError("40001")), id="serialization failure"),
    pytest.param(failure(PostgreSQLError("40P01")), id="PostgreSQL deadlock"),
    pytest.param(failure(OldPostgreSQLError("40P01")), id="PostgreSQL deadlock, psycopg2"),
    pytest.param(failure(None, 1213, "Deadlock found"), id="MariaDB deadlock"),
    pytest.param(failure(None, 1205, "Lock wait timeout"), id="MariaDB lock wait"),
    pytest.param(failure(None, 1020, "Record has changed"), id="MariaDB snapshot"),
    pytest.param(failure(sqlite_error(sqlite3.SQLITE_BUSY)), id="SQLite busy"),
    pytest.param(failure(sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT)), id="SQLite snapshot"),
]
OTHERS = [
    pytest.param(failure(PostgreSQLError("53100")), id="PostgreSQL disk full"),
    pytest.param(failure(None, 2006, "Server has gone away"), id="MariaDB gone"),
    pytest.param(failure(None, 2013, "Lost connection"), id="MariaDB lost, perhaps at COMMIT"),
    pytest.param(failure(None, 1047, "Node is not ready"), id="Galera node not ready"),
    pytest.param(failure(None, 1180, "Error during COMMIT"), id="Galera lost its quorum"),
    pytest.param(failure(PostgreSQLError("57P01")), id="PostgreSQL connection ended"),
    pytest.param(failure(PostgreSQLError("08P01")), id="PgBouncer gave up waiting"),
    pytest.param(failure(sqlite_error(sqlite3.SQLITE_FULL)), id="SQLite disk full"),
    pytest.param(failure(None), id="nothing known"),
]


@pytest.fixture(autouse=True)
def outside_of_transactions(transactional_db: None) -> None:
    """Let the tests run as a host's request does, in no transaction."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_errors, "_FIRST_PAUSE_SECONDS", 0.0)


@pytest.mark.parametrize("error", CONFLICTS)
@pytest.mark.usefixtures("impatient")
def test_a_conflict_is_tried_again_until_it_succeeds_20_times(error: OperationalError) -> None:
    write = Write(error, failures=19)
    assert retry_on_conflict(write, using=DEFAULT_DB_ALIAS) == "written"
    assert write.runs == 20
    write = Write(error, failures=20)
    with pytest.raises(OperationalError):
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 20


def test_pauses_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_errors, "_FIRST_PAUSE_SECONDS", 1_000.0)
    monkeypatch.setattr(database_errors, "_LONGEST_PAUSE_SECONDS", 0.001)
    assert retry_on_conflict(Write(failure(None, 1213), failures=3), using=DEFAULT_DB_ALIAS)


def test_patience_ends_before_the_attempts_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_errors, "_PATIENCE_SECONDS", -1.0)
    write = Write(failure(None, 1213), failures=1000)
    with pytest.raises(OperationalError):
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 1


@pytest.mark.parametrize("error", OTHERS)
def test_another_failure_is_not_tried_again(error: OperationalError) -> None:
    write = Write(error, failures=1)
    assert not is_conflict(error)
    with pytest.raises(OperationalError):
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 1


def test_nothing_is_tried_again_inside_a_transaction_of_the_host() -> None:
    write = Write(failure(None, 1213), failures=1)
    with pytest.raises(OperationalError), transaction.atomic():
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 1


def test_a_host_s_own_transaction_without_autocommit_is_not_repeated(impatient: None) -> None:
    write = Write(failure(None, 1213, "Deadlock found"), failures=1)
    connection.set_autocommit(False)
    try:
        with pytest.raises(OperationalError):
            retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    finally:
        connection.rollback()
        connection.set_autocommit(True)
    assert write.runs == 1


def broken(cause: Exception | None = None, *args: Any) -> IntegrityError:
    error = IntegrityError(*args)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_broken"),
    [
        pytest.param(broken(PostgreSQLError("23503")), True, id="PostgreSQL link"),
        pytest.param(broken(OldPostgreSQLError("23503")), True, id="PostgreSQL, psycopg2"),
        pytest.param(broken(PostgreSQLError("23505")), False, id="PostgreSQL key"),
        pytest.param(broken(None, 1452, "a link"), True, id="MariaDB link"),
        pytest.param(broken(None, 1062, "Duplicate entry"), False, id="MariaDB duplicate"),
        pytest.param(
            broken(sqlite_error(sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)),
            True,
            id="SQLite link",
        ),
        pytest.param(
            broken(sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE)),
            False,
            id="SQLite duplicate",
        ),
        pytest.param(broken(None), False, id="nothing known"),
    ],
)
def test_a_broken_link_is_told_from_other_broken_rules(
    error: IntegrityError, is_broken: bool
) -> None:
    assert is_foreign_key_violation(error) is is_broken
