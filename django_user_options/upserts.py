"""Writing options of one owner: all or none, within the limits, without losing other writes."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connections, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from django_user_options.conf import conf
from django_user_options.database_errors import (
    converting_foreign_key_errors,
    in_transaction,
    retry_on_conflict,
)
from django_user_options.exceptions import OptionLimitError
from django_user_options.fields import encode_json
from django_user_options.validators import byte_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper

    from django_user_options.fields import JSONText


class Totals(NamedTuple):
    """A number of keys, and the total size of their values in bytes."""

    keys: int
    size: int

    @classmethod
    def allowed(cls) -> Totals:
        """Return the most that the settings allow one owner to keep."""
        return cls(conf.max_keys_per_owner, conf.max_bytes_per_owner)

    @classmethod
    def of(cls, texts: Mapping[str, JSONText]) -> Totals:
        """Return the totals of the JSON texts."""
        return cls(len(texts), sum(map(byte_size, texts.values())))

    @classmethod
    def kept(cls, options: models.QuerySet[Any]) -> Totals:
        """Return the totals of stored options, in one query."""
        return cls(**options.aggregate(keys=models.Count("pk"), size=models.Sum("size", default=0)))

    def fit(self, ceiling: Totals) -> bool:
        """Return whether neither total is above its limit."""
        return self.keys <= ceiling.keys and self.size <= ceiling.size


def upsert(
    model: type[models.Model],
    owner: Mapping[str, models.Model],
    texts: Mapping[str, JSONText],
    *,
    using: str,
) -> None:
    """Add or replace all of the options of one owner, or none.

    A write may leave the owner above a limit only if it does not raise that total: the limit
    may have been lowered since the options were written.

    Args:
        model: The model of the options.
        owner: The application, and the user if there is one, by the names of their foreign keys.
        texts: The JSON texts by key, sorted: writers that lock rows in one order cannot deadlock.
        using: The database to write to.

    Raises:
        OptionLimitError: The owner would keep more than is allowed.
        OwnerGoneError: The owner was deleted meanwhile.
    """
    write = _insert_if_fit if connections[using].vendor in _DIALECTS else _insert_and_count
    given = Totals.of(texts)
    ceiling = Totals.allowed()
    with converting_foreign_key_errors():
        # A server may refuse a very large statement, so options that exceed a limit alone are not
        # sent.
        while not given.fit(ceiling) or not retry_on_conflict(
            partial(write, model, owner, texts, ceiling, using), using=using
        ):
            owned = model._default_manager.using(using).filter(**owner)  # noqa: SLF001
            ceiling = check_limits(owned, texts)


def check_limits(owned: models.QuerySet[Any], texts: Mapping[str, JSONText]) -> Totals:
    """Check that an owner may keep these options along with its others.

    Args:
        owned: All options of the owner.
        texts: The JSON texts to write, by key.

    Returns:
        The most that the owner may keep: the limits, or its current totals if they are higher.

    Raises:
        OptionLimitError: The owner would keep more than that.
    """
    limits, given = Totals.allowed(), Totals.of(texts)
    ceiling = Totals(*map(max, limits, Totals.kept(owned)))
    others = Totals.kept(owned.exclude(key__in=texts))
    if others.keys + given.keys > ceiling.keys:
        msg = _("options: at most %(maximum)d keys may be kept")
        raise OptionLimitError(msg, argument="options", maximum=limits.keys)
    if others.size + given.size > ceiling.size:
        msg = _("options: at most %(maximum)d bytes of values may be kept")
        raise OptionLimitError(msg, argument="options", maximum=limits.size)
    return ceiling


def _insert_and_count(
    model: type[models.Model],
    owner: Mapping[str, models.Model],
    texts: Mapping[str, JSONText],
    ceiling: Totals,
    using: str,
) -> bool:
    """Write on any database, and undo the write if the owner would keep too much."""
    now = timezone.now()
    shared = {**owner, "created_at": now, "updated_at": now}
    rows = [
        model(**shared, key=key, value=text, size=byte_size(text)) for key, text in texts.items()
    ]
    # MySQL and MariaDB do not let us name the unique index.
    features = connections[using].features
    (unique,) = model._meta.total_unique_constraints  # noqa: SLF001
    target = unique.fields if features.supports_update_conflicts_with_target else None
    options = model._default_manager.using(using)  # noqa: SLF001
    with transaction.atomic(using=using):
        options.bulk_create(
            rows,
            update_conflicts=True,
            update_fields=("value", "size", "updated_at"),
            unique_fields=target,
        )
        is_written = Totals.kept(options.filter(**owner)).fit(ceiling)
        if not is_written:
            transaction.set_rollback(True, using=using)
    return is_written


def _insert_if_fit(
    model: type[models.Model],
    owner: Mapping[str, models.Model],
    texts: Mapping[str, JSONText],
    ceiling: Totals,
    using: str,
) -> bool:
    """Write in one statement if that raises no total or the limits leave room.

    In benchmarks on PostgreSQL, this takes a third of the time of `_insert_and_count` for 2 options
    and a fifth for 100: it needs no transaction, second statement or SQL compiler, and all options
    are one parameter. The statement first looks at the totals of the given keys, because adding up
    1,000 others spread over the table takes 0.7 ms.
    """
    connection = connections[using]
    given = Totals.of(texts)
    columns = owner_columns(model, owner, connection)
    updated_at: Any = model._meta.get_field("updated_at")  # noqa: SLF001
    parameters = {
        **columns,
        **{f"new_{column}": value for column, value in columns.items()},
        # An object of strings, so that the database does not rewrite the JSON in them.
        "options": encode_json(texts),
        "now": updated_at.get_db_prep_save(timezone.now(), connection),
        "given_keys": given.keys,
        "given_size": given.size,
        "room_for_keys": ceiling.keys - given.keys,
        "room_for_size": ceiling.size - given.size,
    }
    statement = _insert_statement(connection.vendor, model._meta.db_table, tuple(columns))  # noqa: SLF001
    # If the statement fails, a transaction of the project must stay usable.
    savepoint = transaction.atomic if in_transaction(connection) else nullcontext
    with savepoint(using), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return bool(cursor.rowcount)


def owner_columns(
    model: type[models.Model], owner: Mapping[str, models.Model], connection: BaseDatabaseWrapper
) -> dict[str, Any]:
    """Return the owner's foreign-key columns with their values."""
    links: list[Any] = [model._meta.get_field(role) for role in owner]  # noqa: SLF001
    return {
        link.column: link.get_db_prep_save(getattr(instance, link.target_field.attname), connection)
        for link, instance in zip(links, owner.values(), strict=True)
    }


class _Dialect(NamedTuple):
    """How a database splits an object of strings into rows, counts bytes, and looks up keys.

    MariaDB and MySQL are missing: there, a statement that also reads the table it writes to locks
    more than those rows, so writers of one owner would deadlock.
    """

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
def _insert_statement(vendor: str, table: str, owner_columns: tuple[str, ...]) -> str:
    dialect = _DIALECTS[vendor]
    owner = ", ".join(owner_columns)
    values = ", ".join(f"%({column})s" for column in owner_columns)
    # PostgreSQL gives a parameter one type, which for these is not the column's.
    new_values = ", ".join(f"%(new_{column})s" for column in owner_columns)
    return f"""INSERT INTO {table} ({owner}, key, value, size, created_at, updated_at)
        WITH given AS (SELECT key, value, {dialect.size} AS size FROM {dialect.rows})
        SELECT {new_values}, key, value, size, %(now)s, %(now)s
        FROM given
        WHERE (
            SELECT count(*) = %(given_keys)s AND sum(size) >= %(given_size)s
            FROM {table}
            WHERE ({owner}) = ({values}) AND key {dialect.given_keys}
        ) OR (
            SELECT count(*) <= %(room_for_keys)s AND coalesce(sum(size), 0) <= %(room_for_size)s
            FROM {table}
            WHERE ({owner}) = ({values}) AND key NOT IN (SELECT key FROM given)
        )
        ON CONFLICT ({owner}, key) DO UPDATE
        SET value = EXCLUDED.value, size = EXCLUDED.size, updated_at = EXCLUDED.updated_at
    """  # noqa: S608  the names are those of this package's tables
