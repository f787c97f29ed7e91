"""A write that collides with another writer is retried, a bounded number of times."""

from __future__ import annotations

import sqlite3
from itertools import count
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connection, transaction

from django_user_options.database_errors import converting_foreign_key_errors, retry_on_conflict
from django_user_options.exceptions import OwnerGoneError


def codes(**by_place: list[Any]) -> list[dict[str, Any]]:
    """Return each code alone, with the place where a driver reports it."""
    return [{place: code} for place, some in by_place.items() for code in some]


CONFLICTS = codes(
    sqlstate=["40001", "40P01"],  # serialization failure, deadlock
    pgcode=["40P01"],  # as psycopg2 reports it
    number=[1213, 1205, 1020],  # MariaDB's deadlock, lock wait, and snapshot
    sqlite_errorcode=[
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_BUSY_SNAPSHOT),
        *(sqlite3.SQLITE_BUSY_TIMEOUT, sqlite3.SQLITE_LOCKED),
        *(sqlite3.SQLITE_LOCKED_SHAREDCACHE, sqlite3.SQLITE_LOCKED_VTAB),
    ],
)
OTHERS = codes(
    sqlstate=["53100", "57P01", "08P01"],  # disk full, connection ended, PgBouncer gave up waiting
    number=[2006, 2013, 1047, 1180],  # gone, lost at COMMIT; Galera is not ready, lost its quorum
    sqlite_errorcode=[sqlite3.SQLITE_FULL],
)
ABSENT_OWNERS = codes(
    sqlstate=["23503"],
    pgcode=["23503"],
    number=[1216, 1452],
    sqlite_errorcode=[sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY],
)
OTHER_RULES = codes(
    sqlstate=["23505"], number=[1062], sqlite_errorcode=[sqlite3.SQLITE_CONSTRAINT_UNIQUE]
)


def failure(
    kind: type[Exception], *facts: object, number: int | None = None, **codes: Any
) -> Exception:
    error = kind(*facts) if number is None else kind(number, "a text")
    error.__cause__ = Exception()
    vars(error.__cause__).update(codes)
    return error


class Write:
    """Fails some times, then succeeds."""

    def __init__(self, failures: int, **code: Any) -> None:
        self.error, self.failures, self.runs = failure(OperationalError, **code), failures, 0

    def __call__(self) -> str:
        self.runs += 1
        if self.runs <= self.failures:
            raise self.error
        return "written"


@pytest.fixture(autouse=True)
def outside_of_transactions(transactional_db: None) -> None:
    """Run the tests in no transaction, as the project runs a request."""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    monkeypatch.setattr("time.sleep", made.append)
    return made


@pytest.mark.parametrize(
    ("code", "runs"),
    [(code, 20) for code in CONFLICTS] + [(code, 1) for code in [*OTHERS, {}]],
    ids=str,
)
def test_a_write_runs_20_times_if_only_another_writer_is_in_its_way(
    code: Any, runs: int, pauses: list[float]
) -> None:
    write = Write(20, **code)
    with pytest.raises(OperationalError):
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == runs
    assert all(pause <= min(0.005 * 2**n, 0.5) for n, pause in enumerate(pauses))


def test_a_conflict_may_end(pauses: list[float]) -> None:
    assert retry_on_conflict(Write(19, number=1213), using=DEFAULT_DB_ALIAS) == "written"
    assert max(pauses) > 0.01


@pytest.mark.parametrize(
    "write",
    [
        lambda options: options.set_options({"a": 2}),
        lambda options: options.update_options({"a": 2}),
        lambda options: options.delete_options(["a"]),
    ],
    ids=["set", "update", "delete"],
)
@pytest.mark.usefixtures("pauses")
def test_each_kind_of_write_is_retried(options: Any, write: Any) -> None:
    conflicts = [failure(OperationalError, number=1213)]

    def collide(execute: Any, sql: str, *rest: Any) -> Any:
        if conflicts and sql.startswith(("INSERT", "DELETE")):
            raise conflicts.pop()
        return execute(sql, *rest)

    options.set_options({"a": 1})
    with connection.execute_wrapper(collide):
        write(options)
    assert conflicts == []
    assert options.get_option("a") != 1


def test_patience_ends_before_the_attempts_do(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", count(step=4).__next__)
    write = Write(1000, number=1213)
    with pytest.raises(OperationalError):
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    assert write.runs == 3


def test_nothing_is_retried_inside_a_transaction_of_the_project() -> None:
    write = Write(1, number=1213)
    with pytest.raises(OperationalError), transaction.atomic():
        retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    write = Write(1, number=1213)
    connection.set_autocommit(False)
    try:
        with pytest.raises(OperationalError):
            retry_on_conflict(write, using=DEFAULT_DB_ALIAS)
    finally:
        connection.rollback()
        connection.set_autocommit(True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(code, OwnerGoneError) for code in ABSENT_OWNERS]
    + [(code, IntegrityError) for code in [*OTHER_RULES, {}]],
    ids=str,
)
def test_a_missing_owner_is_distinguished_from_other_violations(
    code: Any, expected: type[Exception]
) -> None:
    with pytest.raises(expected), converting_foreign_key_errors():
        raise failure(IntegrityError, **code)
