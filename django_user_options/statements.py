"""The SQL that reads, writes, locks and adds up options of one owner, for each database.

In benchmarks on PostgreSQL, writing takes a third of the time of Django's `bulk_create` and a count
for 2 options, and a fifth for 100: it needs no transaction, second statement or SQL compiler, and
all options are one parameter.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connections, models
from django.utils import timezone

from django_user_options.fields import STORED_TEXT, JSONText, encode_json
from django_user_options.summaries import Totals
from django_user_options.validators import byte_size

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Store:
    """The options of one owner in one database.

    Args:
        model: The model of the options.
        owner: The application, and the user if there is one, by the names of their foreign keys.
        using: The alias of the database.

    Attributes:
        columns: The owner's foreign-key columns with their values.
    """

    __slots__ = ("columns", "connection", "model", "owner", "table", "using")

    def __init__(
        self, model: type[models.Model], owner: Mapping[str, models.Model], using: str
    ) -> None:
        self.model, self.owner, self.using = model, owner, using
        self.connection = connections[using]
        self.table = model._meta.db_table  # noqa: SLF001
        links: list[Any] = [model._meta.get_field(role) for role in owner]  # noqa: SLF001
        self.columns: dict[str, Any] = {
            link.column: link.get_db_prep_save(
                getattr(instance, link.target_field.attname), self.connection
            )
            for link, instance in zip(links, owner.values(), strict=True)
        }

    @property
    def rows(self) -> models.QuerySet[Any]:
        """All rows of the owner."""
        return self.model._default_manager.using(self.using).filter(**self.owner)  # noqa: SLF001

    @property
    def checks_bounds(self) -> bool:
        """Whether the statement that writes can check its bounds.

        On MariaDB and MySQL, a statement that also reads the table it writes to locks more than the
        rows it writes, so writers of one owner would deadlock.
        """
        return self.connection.vendor in _DIALECTS


def read(store: Store, key: str | None = None) -> list[tuple[str, str]]:
    """Return the key and the JSON text of each option, or only of the one with this key.

    Django takes 0.5 ms to build this statement, which runs in 0.1 ms.
    """
    wanted = store.columns if key is None else {**store.columns, "key": key}
    quote = store.connection.ops.quote_name
    conditions = " AND ".join(f"{quote(column)} = %s" for column in wanted)
    name = quote("key")
    table = quote(store.table)
    statement = f"SELECT {name}, value FROM {table} WHERE {conditions} ORDER BY {name}"  # noqa: S608
    with store.connection.cursor() as cursor:
        cursor.execute(statement, list(wanted.values()))
        found: list[tuple[str, str]] = cursor.fetchall()
    return found


def write(
    store: Store,
    texts: Mapping[str, str],
    given: Totals,
    ceiling: Totals,
    *,
    locked: Collection[str] = (),
) -> dict[str, str | None] | None:
    """Add or replace options, and lock other keys.

    A locked key keeps its row. If it has none, it gets one of size 0, which the transaction must
    delete.

    Args:
        store: Where to write.
        texts: The JSON texts by key, sorted.
        given: The totals of the texts.
        ceiling: The most that the owner may keep; databases in `_DIALECTS` heed it.
        locked: The other keys.

    Returns:
        If keys are locked, the JSON texts, None for a key that got a row of size 0; else an empty
        dict. None instead of a dict if the ceiling does not allow the write.
    """
    rows = {key: texts.get(key, "") for key in sorted({*texts, *locked})} if locked else texts
    # MySQL does not return rows.
    returns = bool(locked) and store.connection.features.can_return_rows_from_bulk_insert
    shape = _Shape(store.table, tuple(store.columns), bool(locked), returns)
    with store.connection.cursor() as cursor:
        cursor.execute(*_statement(store, shape, rows, given, ceiling))
        if not locked:
            return {} if cursor.rowcount else None
        found: Any = (
            cursor.fetchall()
            if returns
            else store.rows.select_for_update()
            .filter(key__in=rows)
            .values_list("key", "size", STORED_TEXT)
        )
        return {key: text if size else None for key, size, text in found} or None


def add_up(store: Store, keys: Iterable[str]) -> tuple[Totals, Totals]:
    """Return the totals of the owner's options, and of those that are not among the keys."""
    names = {f"key_{number}": key for number, key in enumerate(keys)}
    key = store.connection.ops.quote_name("key")
    owner = " AND ".join(f"{column} = %({column})s" for column in store.columns)
    listed = ", ".join(f"%({name})s" for name in names)
    statement = f"""SELECT count(nullif(size, 0)), coalesce(sum(size), 0),
            count(CASE WHEN is_listed THEN NULL ELSE nullif(size, 0) END),
            coalesce(sum(CASE WHEN is_listed THEN 0 ELSE size END), 0)
        FROM (
            SELECT size, {key} IN ({listed}) AS is_listed FROM {store.table} WHERE {owner}
        ) AS owned"""  # noqa: S608  the names are those of this package's tables
    with store.connection.cursor() as cursor:
        cursor.execute(statement, {**store.columns, **names})
        keys_kept, size, other_keys, other_size = map(int, cursor.fetchone())
    return Totals(keys_kept, size), Totals(other_keys, other_size)


def _statement(
    store: Store, shape: _Shape, rows: Mapping[str, str], given: Totals, ceiling: Totals
) -> tuple[str, dict[str, Any]]:
    connection, columns = store.connection, store.columns
    updated_at: Any = store.model._meta.get_field("updated_at")  # noqa: SLF001
    now = updated_at.get_db_prep_save(timezone.now(), connection)
    if not store.checks_bounds:
        parameters = {**columns, "now": now}
        for number, (key, text) in enumerate(rows.items()):
            row = {"key": key, "value": text or "null", "size": byte_size(JSONText(text))}
            parameters |= {f"{name}_{number}": part for name, part in row.items()}
        return _mysql_statement(shape, len(rows)), parameters
    return _json_statement(connection.vendor, shape), {
        **columns,
        **{f"new_{column}": value for column, value in columns.items()},
        "now": now,
        # An object of strings, so that the database does not rewrite the JSON in them.
        "options": encode_json(rows),
        "given_keys": given.keys,
        "given_size": given.size,
        "room_for_keys": ceiling.keys - given.keys,
        "room_for_size": ceiling.size - given.size,
    }


class _Shape(NamedTuple):
    """What the text of a statement depends on, besides the database."""

    table: str
    owner: tuple[str, ...]
    locks: bool
    returns: bool

    def assignments(self, new: str) -> str:
        """Return the new values of a row that exists; `new` is the form of a new column."""
        size = new.format("size")
        changes = []
        for column in ("value", "updated_at", "size"):
            value = new.format(column)
            if self.locks:
                value = f"CASE WHEN {size} = 0 THEN {self.table}.{column} ELSE {value} END"
            changes.append(f"{column} = {value}")
        return ", ".join(changes)

    def returning(self, key: str) -> str:
        return f" RETURNING {key}, size, value" if self.returns else ""


# The texts for many rows are long.
@lru_cache(maxsize=32)
def _mysql_statement(shape: _Shape, count: int) -> str:
    owner = ", ".join(shape.owner)
    values = ", ".join(f"%({column})s" for column in shape.owner)
    rows = ", ".join(
        f"({values}, %(key_{number})s, %(value_{number})s, %(size_{number})s, %(now)s, %(now)s)"
        for number in range(count)
    )
    return (
        f"INSERT INTO {shape.table} ({owner}, `key`, value, size, created_at, updated_at)"  # noqa: S608  the names are those of this package's tables
        f" VALUES {rows} ON DUPLICATE KEY UPDATE {shape.assignments('VALUES({})')}"
        f"{shape.returning('`key`')}"
    )


class _Dialect(NamedTuple):
    """How a database splits an object of strings into rows, counts bytes, and looks up keys."""

    rows: str
    size: str
    given_keys: str


_DIALECTS = {
    "postgresql": _Dialect(
        rows="json_each_text(%(options)s::json)",
        size="octet_length(convert_to(value, 'UTF8'))",
        # PostgreSQL uses the index for an array. For a subquery it expects 100 rows and scans.
        given_keys="= ANY (ARRAY(SELECT key FROM given))",
    ),
    "sqlite": _Dialect(
        rows="json_each(%(options)s)",
        size="length(CAST(value AS BLOB))",
        given_keys="IN (SELECT key FROM given)",
    ),
}


@cache
def _json_statement(vendor: str, shape: _Shape) -> str:
    """Return a statement that writes if that raises no total, or if the bounds leave room.

    It first looks at the totals of the given keys, because adding up 1,000 others spread over the
    table takes 0.7 ms.
    """
    dialect, table = _DIALECTS[vendor], shape.table
    owner = ", ".join(shape.owner)
    values = ", ".join(f"%({column})s" for column in shape.owner)
    # PostgreSQL gives a parameter one type, which for these is not the column's.
    new_values = ", ".join(f"%(new_{column})s" for column in shape.owner)
    value = "coalesce(nullif(value, ''), 'null')" if shape.locks else "value"
    return f"""INSERT INTO {table} ({owner}, key, value, size, created_at, updated_at)
        WITH given AS (SELECT key, value, {dialect.size} AS size FROM {dialect.rows})
        SELECT {new_values}, key, {value}, size, %(now)s, %(now)s
        FROM given
        WHERE (
            SELECT count(nullif(size, 0)) >= %(given_keys)s
                AND coalesce(sum(size), 0) >= %(given_size)s
            FROM {table}
            WHERE ({owner}) = ({values}) AND key {dialect.given_keys}
        ) OR (
            SELECT count(*) <= %(room_for_keys)s
                AND coalesce(sum(size), 0) <= %(room_for_size)s
            FROM {table}
            WHERE ({owner}) = ({values}) AND key NOT IN (SELECT key FROM given)
        )
        ON CONFLICT ({owner}, key) DO UPDATE SET {shape.assignments("EXCLUDED.{}")}
        {shape.returning("key")}
    """  # noqa: S608  the names are those of this package's tables
