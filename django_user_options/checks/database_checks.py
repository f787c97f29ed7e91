"""Checks of the databases that store the options.

Checks that need a query run only under `check --database` and `migrate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import connections, router
from oauth2_provider.settings import oauth2_settings

from django_user_options.fields import JSONTextField, KeyField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db import models

_LABEL = "django_user_options"
# By vendor: the query for the encodings, the required encoding, and the hint.
_ENCODINGS = {
    "postgresql": (
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()",
        "UTF8",
        "Move {alias!r} to a database that was created with ENCODING 'UTF8'.",
    ),
    "mysql": (
        "SELECT @@character_set_client, @@character_set_connection, @@character_set_results",
        "utf8mb4",
        "Remove charset from DATABASES[{alias!r}]['OPTIONS'], or set it to 'utf8mb4'.",
    ),
}


def _our_models() -> Iterable[type[models.Model]]:
    """Return every model that has a table, those of the optional apps, too."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith(f"{_LABEL}.") and not model._meta.proxy  # noqa: SLF001
    ]


def _models_and_owners() -> list[type[models.Model]]:
    owners = (
        settings.AUTH_USER_MODEL,
        oauth2_settings.APPLICATION_MODEL,
        oauth2_settings.ACCESS_TOKEN_MODEL,
    )
    return [*_our_models(), *map(apps.get_model, owners)]


def _our_connections() -> list[Any]:
    return [connections[alias] for alias in sorted(set(map(router.db_for_write, _our_models())))]


def _asked(databases: Sequence[str] | None) -> list[Any]:
    return [own for own in _our_connections() if own.alias in (databases or ())]


def _is_sqlite_file(connection: Any) -> bool:
    return connection.vendor == "sqlite" and not connection.is_in_memory_db()


def _is_for_tests(connection: Any) -> bool:
    settings = connection.settings_dict
    return bool(settings["NAME"] == settings["TEST"]["NAME"])


def _rows(connection: Any, query: str, *parameters: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return list(cursor.fetchall())


@register(Tags.database)
def check_sqlite_journal(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """W003: a SQLite file uses a write-ahead log."""
    return [
        Warning(
            f"The SQLite database {connection.alias!r} has the journal mode {mode!r}, "
            "in which readers and writers wait for each other.",
            hint=(
                f"Set DATABASES[{connection.alias!r}]['OPTIONS']['init_command'] to "
                "'PRAGMA journal_mode=WAL'."
            ),
            id=f"{_LABEL}.W003",
        )
        for connection in filter(_is_sqlite_file, _asked(databases))
        # `test --parallel` copies a file without its log.
        if not _is_for_tests(connection)
        for (mode,) in _rows(connection, "PRAGMA journal_mode")
        if mode != "wal"
    ]


@register()
def check_sqlite_transactions(**_: Any) -> list[CheckMessage]:
    """W004: transactions on a SQLite file wait at their start instead of failing later."""
    return [
        Warning(
            f"Transactions of the SQLite database {connection.alias!r} are deferred: one that "
            "reads before it writes can fail at once with 'database is locked'.",
            hint=(
                f"Set DATABASES[{connection.alias!r}]['OPTIONS']['transaction_mode'] to "
                "'IMMEDIATE'."
            ),
            id=f"{_LABEL}.W004",
        )
        for connection in filter(_is_sqlite_file, _our_connections())
        if str(connection.settings_dict["OPTIONS"].get("transaction_mode")).upper()
        not in ("IMMEDIATE", "EXCLUSIVE")
    ]


@register()
def check_connection_health(**_: Any) -> list[CheckMessage]:
    """W005: connections that are kept between requests have health checks."""
    return [
        Warning(
            f"Connections to the database {connection.alias!r} are kept without health checks: "
            "after a restart of the database, each of them fails one call with 503.",
            hint=f"Set DATABASES[{connection.alias!r}]['CONN_HEALTH_CHECKS'] to True.",
            id=f"{_LABEL}.W005",
        )
        for connection in _our_connections()
        # SQLite opens a file, so a connection cannot be lost.
        if connection.vendor != "sqlite"
        and (
            connection.settings_dict["CONN_MAX_AGE"] != 0
            or connection.settings_dict["OPTIONS"].get("pool")
        )
        and not connection.settings_dict["CONN_HEALTH_CHECKS"]
    ]


@register()
def check_autocommit(**_: Any) -> list[CheckMessage]:
    """E010: the database commits each write before the call returns."""
    return [
        Error(
            f"The database {connection.alias!r} does not commit what is written outside of a "
            "transaction: calls would be acknowledged and lost.",
            hint=f"Remove AUTOCOMMIT from DATABASES[{connection.alias!r}].",
            id=f"{_LABEL}.E010",
        )
        for connection in _our_connections()
        if not connection.settings_dict["AUTOCOMMIT"]
    ]


@register(Tags.database)
def check_engines(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """E011: on MariaDB and MySQL, the tables support transactions and foreign keys."""
    return [
        Error(
            f"The table {table} of the database {connection.alias!r} has the engine {engine}, "
            "which does not support transactions or foreign keys.",
            hint=f"Run ALTER TABLE {table} ENGINE=InnoDB, and create its foreign keys.",
            id=f"{_LABEL}.E011",
        )
        for connection in _asked(databases)
        if connection.vendor == "mysql"
        for table, engine in _rows(
            connection,
            "SELECT table_name, engine FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_name IN %s ORDER BY table_name",
            [model._meta.db_table for model in _models_and_owners()],  # noqa: SLF001
        )
        if engine.lower() != "innodb"
    ]


@register(Tags.database)
def check_encodings(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """E012: the database and its connections support all of Unicode."""
    found: list[CheckMessage] = []
    for connection in _asked(databases):
        if connection.vendor in _ENCODINGS:
            query, wanted, hint = _ENCODINGS[connection.vendor]
            encodings = {encoding for row in _rows(connection, query) for encoding in row}
            if encodings != {wanted}:
                found.append(
                    Error(
                        f"The database {connection.alias!r} stores or sends text as "
                        f"{', '.join(sorted(encodings))}, which does not support all of Unicode.",
                        hint=hint.format(alias=connection.alias),
                        id=f"{_LABEL}.E012",
                    )
                )
    return found


@register(Tags.database)
def check_collations(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """E008: on MariaDB and MySQL, keys and values are compared byte by byte."""
    return [
        Error(
            f"The column {table}.{column} of the database {connection.alias!r} has the collation "
            f"{found}, which treats some different keys or values as equal.",
            hint=f"Change the collation of that column to {wanted}.",
            id=f"{_LABEL}.E008",
        )
        for connection in _asked(databases)
        if connection.vendor == "mysql"
        for model in _our_models()
        for field in model._meta.concrete_fields  # noqa: SLF001
        if isinstance(field, KeyField | JSONTextField)
        for wanted in [field.db_parameters(connection)["collation"]]
        # The row is missing if the table does not exist yet.
        for table, column, found in _rows(
            connection,
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = %s AND column_name = %s",
            model._meta.db_table,  # noqa: SLF001
            field.column,
        )
        if found != wanted
    ]


@register()
def check_one_database(**_: Any) -> list[CheckMessage]:
    """E009: options are in the same database as their users, applications and tokens."""
    homes: dict[str, list[str]] = {}
    for model in _models_and_owners():
        homes.setdefault(router.db_for_write(model), []).append(model._meta.label)  # noqa: SLF001
    if len(homes) == 1:
        return []
    where = "; ".join(f"{alias}: {', '.join(labels)}" for alias, labels in homes.items())
    return [
        Error(
            f"Options, webhooks and their owners are written to different databases ({where}), "
            "so foreign keys cannot work.",
            hint="Change DATABASE_ROUTERS so that all of these models use one database.",
            id=f"{_LABEL}.E009",
        )
    ]
