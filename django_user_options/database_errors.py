"""Retrying writes that a database refuses only because of another writer.

A lost connection is not retried, although an upsert or a delete could be repeated safely. The
project may have prepared the lost session, for instance by SET, and a server that has just
stopped rarely comes back while the caller waits. The caller gets the error and may repeat the
call.
"""

from __future__ import annotations

import random
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connections

from django_user_options.exceptions import OwnerGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

_Result = TypeVar("_Result")

# On a Galera cluster, half of all attempts may collide with a writer on another node.
_MAX_ATTEMPTS = 20
# SQLite may have waited for its own timeout already; a caller should not wait for many of them.
# A Galera cluster that loses a node stops for six seconds before it reports a conflict.
_PATIENCE_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.5

# PostgreSQL's codes are strings. SQLite's numbers do not overlap with those of MariaDB and MySQL.
_CONFLICTS = frozenset({
    "40001", "40P01",  # serialization_failure, deadlock_detected
    1020, 1205, 1213,  # ER_CHECKREAD, ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK (Galera's conflict)
    5, 261, 517, 773,  # SQLITE_BUSY, and its extended codes
    6, 262, 518,  # SQLITE_LOCKED, and its extended codes
})  # fmt: skip
# foreign_key_violation; ER_NO_REFERENCED_ROW, ER_NO_REFERENCED_ROW_2; SQLITE_CONSTRAINT_FOREIGNKEY
_FOREIGN_KEY_VIOLATIONS = frozenset({"23503", 1216, 1452, 787})
# undefined_table, undefined_column; ER_BAD_FIELD_ERROR, ER_NO_SUCH_TABLE; SQLite has only messages
_MISSING = frozenset({"42P01", "42703", 1054, 1146})
# ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR
_DENIED = frozenset({1142, 1143})
_SQLITE_MISSING = re.compile("no such (table|column): |table .+ has no column named ")


def retry_on_conflict(write: Callable[[], _Result], *, using: str) -> _Result:
    """Run a write that has its own transaction, and repeat it after a conflict.

    In a transaction of the project, it runs only once: only the project can repeat that.

    Raises:
        OperationalError: There were too many conflicts, or the write failed for another reason.
    """
    if in_transaction(connections[using]):
        return write()
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    for attempt in range(_MAX_ATTEMPTS - 1):
        try:
            return write()
        except OperationalError as error:
            if _code(error) not in _CONFLICTS or time.monotonic() > give_up_at:
                raise
        # Random pauses keep the same writers from colliding again.
        pause = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
        time.sleep(random.uniform(0, pause))  # noqa: S311
    return write()


def in_transaction(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the project is in a transaction, by `atomic` or without autocommit."""
    return connection.in_atomic_block or not connection.get_autocommit()


@contextmanager
def converting_foreign_key_errors() -> Iterator[None]:
    """Turn a foreign-key violation into OwnerGoneError.

    Raises:
        OwnerGoneError: The application or the user was deleted meanwhile.
    """
    try:
        yield
    except IntegrityError as error:
        if _code(error) not in _FOREIGN_KEY_VIOLATIONS:
            raise
        raise OwnerGoneError from error


def _code(error: Exception) -> object:
    """Return the database's code for an error, or something that is not a code if it has none."""
    number = error.args[0] if error.args else None
    return postgresql_state(error) or getattr(error.__cause__, "sqlite_errorcode", number)


def postgresql_state(error: Exception) -> str | None:
    """Return the SQLSTATE of an error from PostgreSQL, and None for other errors."""
    cause: Any = error.__cause__
    # psycopg, and psycopg2
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def code_for_log(error: Exception) -> str:
    """Return a clause with the database's code for an error, if it has one; not its text."""
    if state := postgresql_state(error):
        return f", SQLSTATE {state}"
    number = _code(error)
    return f", error {number}" if isinstance(number, int) else ""


def lacks_privilege(error: Exception) -> bool:
    """Return whether the database user lacks a right; MySQL reports that as it does an outage."""
    return isinstance(error, DatabaseError) and _code(error) in _DENIED


def missing_schema(error: Exception) -> str | None:
    """Return the database's message about a missing table or column; names only."""
    if not isinstance(error, DatabaseError):
        return None
    # PostgreSQL appends the statement, which may contain values.
    text = str(error).partition("\n")[0]
    if _code(error) not in _MISSING and not _SQLITE_MISSING.match(text):
        return None
    state = postgresql_state(error)
    return f"SQLSTATE {state}: {text}" if state else text
