"""The only way in and out of the option tables.

Every caller, REST or Python, uses these methods, so validation, limits and atomic writes apply
everywhere.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections, models, router, transaction
from django.db.models.signals import post_delete, pre_delete

from django_user_options.database_errors import retry_on_conflict
from django_user_options.fields import STORED_TEXT, JSONText, encode_json
from django_user_options.quotas import within_quotas
from django_user_options.signals import options_changed, options_deleted
from django_user_options.upserts import owner_columns, upsert
from django_user_options.validators import encode_options, validate_key, validate_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models.sql import Query
    from django.dispatch import Signal

# If anything listens to these, the rows to delete are read first.
_DELETE_SIGNALS = (options_deleted, pre_delete, post_delete)

_Option = TypeVar("_Option", bound=models.Model)


class OptionQuerySet(models.QuerySet[_Option]):
    """Options of one kind of owner; a subclass's `for_owner` chooses the owner.

    Further filters keep the owner. They limit reads and deletes, but not writes. Do not combine
    querysets of two owners. Each method has an asynchronous twin whose name begins with `a`.
    """

    _owner: Mapping[str, models.Model] | None = None
    # Whether only the owner was chosen and Django's query does not contain it yet.
    _is_owner_pending = False

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._owner = self._owner
        return clone

    def _query_with_owner(self) -> Query:
        """Return Django's query with the owner in it.

        Adding the owner takes Django longer than SQLite needs to write an option. Calls that only
        write, or that read all options, skip it.
        """
        if self._is_owner_pending:
            self._is_owner_pending = False
            self.query = self.filter(**self._chosen_owner()).query
        return super().query

    query = property(_query_with_owner, models.QuerySet.query.fset)  # type: ignore[attr-defined]

    def _owned_by(self, **owner: models.Model) -> Self:
        for role, instance in owner.items():
            link: Any = self.model._meta.get_field(role)  # noqa: SLF001
            # Raw SQL skips Django's type check, and primary keys of different models overlap.
            kind = link.related_model._meta.concrete_model  # noqa: SLF001
            if not isinstance(instance, kind) or instance.pk is None:
                msg = (
                    f"{role} must be a saved instance of {kind.__name__}, "
                    f"not {type(instance).__name__}."
                )
                raise TypeError(msg)
        owned = self.all()
        owned._owner = owner  # noqa: SLF001
        if self.query.where or self.query.select_for_update:
            return owned.filter(**owner)
        owned._is_owner_pending = True  # noqa: SLF001
        return owned

    def as_mapping(self) -> dict[str, Any]:
        """Return the chosen owner's options as a dict of key to value, in one query.

        The order is that of the keys in the database.

        Raises:
            TypeError: No owner was chosen by `for_owner`.
        """
        return {key: json.loads(text) for key, text in self._texts()}

    def as_json(self) -> JSONText:
        """Return the chosen owner's options as the JSON text of one object, in one query.

        Values are not parsed.

        Raises:
            TypeError: No owner was chosen by `for_owner`.
        """
        members = [f"{encode_json(key)}:{text}" for key, text in self._texts()]
        return JSONText(f"{{{','.join(members)}}}")

    def get_option(self, key: str, default: Any = None, *, of: type | None = None) -> Any:
        """Return the value of `key`, or `default` if the key is not set, in one query.

        Args:
            key: The option's key.
            default: What to return instead.
            of: The type that the caller can use: `str`, `bool`, `int`, `float`, `list` or
                `dict`. A value of another type counts as not set, since applications may store
                anything. A bool is not an int here, and an int is a float.

        Raises:
            InvalidOptionError: The key cannot name an option.
            OptionLimitError: The key is too long.
            TypeError: No owner was chosen by `for_owner`.
        """
        found = self._texts(validate_key(key))
        value = json.loads(found[0][1]) if found else default
        if isinstance(value, bool):
            is_usable = of in (None, bool)
        else:
            is_usable = of is None or isinstance(value, int | float if of is float else of)
        return value if is_usable else default

    def set_options(self, options: Mapping[str, Any], *, cause: object = None) -> None:
        """Write all of these options for the chosen owner, or none.

        New keys are added, existing ones are replaced, others are left alone.

        Args:
            options: Keys, strings of 1 to 255 characters, and values, any JSON values as Python's
                `json` reads them.
            cause: Who or what caused the change, for receivers of `options_changed`.

        Raises:
            NothingToSaveError: `options` is empty.
            InvalidOptionError: A key or a value cannot be stored.
            OptionLimitError: A limit would be exceeded.
            OwnerGoneError: The owner was deleted meanwhile. In a transaction of the project, the
                commit fails instead, with Django's `IntegrityError`.
            TypeError: No owner was chosen by `for_owner`.
        """
        owner = self._chosen_owner()
        db = self._write_db()
        texts = encode_options(options)
        with within_quotas(self.model, owner, texts, using=db):
            upsert(self.model, owner, texts, using=db)
        if options_changed.has_listeners(self.model):
            self._announce(options_changed, db, keys=list(texts), cause=cause)

    def delete_options(self, keys: Iterable[str], *, cause: object = None) -> int:
        """Delete the keys of the chosen owner, all or none, and return how many there were.

        Args:
            keys: The keys; unknown ones are ignored.
            cause: Who or what caused the change, for receivers of `options_deleted`.

        Raises:
            NoKeyGivenError: `keys` is empty.
            InvalidOptionError: A key cannot name an option.
            OptionLimitError: A key is too long, or there are too many.
            TypeError: No owner was chosen by `for_owner`.
        """
        self._chosen_owner()
        db = self._write_db()
        doomed = self.using(db).filter(key__in=validate_keys(keys))

        def delete() -> int:
            with transaction.atomic(using=db):
                rows = doomed
                if any(signal.has_listeners(self.model) for signal in _DELETE_SIGNALS):
                    # The signal must name exactly the keys that are deleted.
                    locked = doomed.select_for_update().order_by("key")
                    found = dict(locked.values_list("key", "pk"))
                    self._announce(options_deleted, db, keys=sorted(found), cause=cause)
                    rows = self.using(db).filter(pk__in=found.values())
                _, deleted = rows.delete()
            return deleted.get(self.model._meta.label, 0)  # noqa: SLF001

        return retry_on_conflict(delete, using=db)

    async def aas_mapping(self) -> dict[str, Any]:
        return await sync_to_async(self.as_mapping)()

    async def aas_json(self) -> JSONText:
        return await sync_to_async(self.as_json)()

    async def aget_option(self, key: str, default: Any = None, *, of: type | None = None) -> Any:
        return await sync_to_async(self.get_option)(key, default, of=of)

    async def aset_options(self, options: Mapping[str, Any], *, cause: object = None) -> None:
        await sync_to_async(self.set_options)(options, cause=cause)

    async def adelete_options(self, keys: Iterable[str], *, cause: object = None) -> int:
        return await sync_to_async(self.delete_options)(keys, cause=cause)

    def _texts(self, key: str | None = None) -> list[tuple[str, str]]:
        """Return keys and JSON texts: those of the owner, or only the one with this key."""
        owner = self._chosen_owner()
        if not self._is_owner_pending:
            rows = self.all() if key is None else self.filter(key=key)
            return list(rows.order_by("key").values_list("key", STORED_TEXT))
        # Django takes 0.5 ms to build this statement, which runs in 0.1 ms.
        connection = connections[self.db]
        wanted = owner_columns(self.model, owner, connection)
        if key is not None:
            wanted["key"] = key
        quote = connection.ops.quote_name
        conditions = " AND ".join(f"{quote(column)} = %s" for column in wanted)
        name, table = quote("key"), quote(self.model._meta.db_table)  # noqa: SLF001
        statement = f"SELECT {name}, value FROM {table} WHERE {conditions} ORDER BY {name}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, list(wanted.values()))
            texts: list[tuple[str, str]] = cursor.fetchall()
        return texts

    def _announce(self, signal: Signal, using: str, *, keys: list[str], cause: object) -> None:
        if keys:
            owner = {"user": None, **self._chosen_owner()}
            send = partial(
                signal.send_robust, self.model, keys=keys, cause=cause, using=using, **owner
            )
            transaction.on_commit(send, using=using)

    def _write_db(self) -> str:
        chosen: str | None = self._db  # type: ignore[attr-defined]
        return chosen or router.db_for_write(self.model)

    def _chosen_owner(self) -> Mapping[str, models.Model]:
        if self._owner is None:
            msg = "Choose an owner first: objects.for_owner(…)."
            raise TypeError(msg)
        return self._owner


class AppUserOptionQuerySet(OptionQuerySet[_Option]):
    """Options of an application for one user."""

    def for_owner(self, application: models.Model, user: models.Model) -> Self:
        return self._owned_by(application=application, user=user)


class AppOptionQuerySet(OptionQuerySet[_Option]):
    """Options of an application itself."""

    def for_owner(self, application: models.Model) -> Self:
        return self._owned_by(application=application)
