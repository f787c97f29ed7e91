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


def failure(*args: Any, kind: Any = OperationalError, **codes: Any) -> Any:
    """Return an error of Django whose cause has these codes, as the drivers' errors do."""
    error = kind(*args)
    error.__cause__ = Exception()
    vars(error.__cause__).update(codes)
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


CONFLICTS = {
    "serialization failure": failure(sqlstate="40001"),
    "PostgreSQL deadlock": failure(sqlstate="40P01"),
    "PostgreSQL deadlock, psycopg2": failure(pgcode="40P01"),
    "MariaDB deadlock": failure(1213, "Deadlock found"),
    "MariaDB lock wait": failure(1205, "Lock wait timeout"),
    "MariaDB snapshot": failure(1020, "Record has changed"),
    "SQLite busy": failure(sqlite_errorcode=sqlite3.SQLITE_BUSY),
    "SQLite busy while it recovers": failure(sqlite_errorcode=sqlite3.SQLITE_BUSY_RECOVERY),
    "SQLite snapshot": failure(sqlite_errorcode=sqlite3.SQLITE_BUSY_SNAPSHOT),
    "SQLite timeout": failure(sqlite_errorcode=sqlite3.SQLITE_BUSY_TIMEOUT),
    "SQLite locked": failure(sqlite_errorcode=sqlite3.SQLITE_LOCKED),
    "SQLite shared cache": failure(sqlite_errorcode=sqlite3.SQLITE_LOCKED_SHAREDCACHE),
    "SQLite virtual table": failure(sqlite_errorcode=sqlite3.SQLITE_LOCKED_VTAB),
}
OTHERS = {
    "PostgreSQL disk full": failure(sqlstate="53100"),
    "MariaDB gone": failure(2006, "Server has gone away"),
    "MariaDB lost, perhaps at COMMIT": failure(2013, "Lost connection"),
    "Galera node not ready": failure(1047, "Node is not ready"),
    "Galera lost its quorum": failure(1180, "Error during COMMIT"),
    "PostgreSQL connection ended": failure(sqlstate="57P01"),
    "PgBouncer gave up waiting": failure(sqlstate="08P01"),
    "SQLite disk full": failure(sqlite_errorcode=sqlite3.SQLITE_FULL),
    "nothing known": failure(),
}


@pytest.fixture(autouse=True)
def outside_of_transactions(transactional_db: None) -> None:
    """Let the tests run as a host's request does, in no transaction."""


@pytest.mark.parametrize("error", CONFLICTS.values(), ids=CONFLICTS)
def test_a_conflict_is_tried_again_until_it_succeeds_20_times(
    monkeypatch: pytest.MonkeyPatch, error: OperationalError
) -> None:
    monkeypatch.setattr(database_errors, "_FIRST_PAUSE_SECONDS", 0.0)
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
    assert retry_on_conflict(Write(failure(1213), failures=3), using=DEFAULT_DB_ALIAS)


def test_patience_ends_before_the_attempts_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_errors, "_PATIENCE_SECONDS", -1.0)
    write = Write(failure(1213), failures=1000)
    with pytest.raises(OperationalError):
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 1


@pytest.mark.parametrize("error", OTHERS.values(), ids=OTHERS)
def test_another_failure_is_not_tried_again(error: OperationalError) -> None:
    write = Write(error, failures=1)
    assert not is_conflict(error)
    with pytest.raises(OperationalError):
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 1


def test_nothing_is_tried_again_inside_a_transaction_of_the_project() -> None:
    write = Write(failure(1213), failures=1)
    with pytest.raises(OperationalError), transaction.atomic():
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 1
    write = Write(failure(1213), failures=1)
    connection.set_autocommit(False)
    try:
        with pytest.raises(OperationalError):
            retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    finally:
        connection.rollback()
        connection.set_autocommit(True)
    assert write.runs == 1


@pytest.mark.parametrize(
    ("args", "codes", "is_violation"),
    [
        ((), {"sqlstate": "23503"}, True),
        ((), {"pgcode": "23503"}, True),
        ((), {"sqlstate": "23505"}, False),
        ((1216, "a link"), {}, True),
        ((1452, "a link"), {}, True),
        ((1062, "Duplicate entry"), {}, False),
        ((), {"sqlite_errorcode": sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY}, True),
        ((), {"sqlite_errorcode": sqlite3.SQLITE_CONSTRAINT_UNIQUE}, False),
        ((), {}, False),
    ],
    ids=repr,
)
def test_a_missing_owner_is_told_from_other_broken_rules(
    args: Any, codes: Any, is_violation: bool
) -> None:
    error = failure(*args, kind=IntegrityError, **codes)
    assert is_foreign_key_violation(error) is is_violation
