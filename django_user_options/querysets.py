"""The only way in and out of the option tables.

Every caller, REST or Python, uses these methods, so validation, limits and atomic writes apply
everywhere.
"""

from __future__ import annotations

import json
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from asgiref.sync import sync_to_async
from django.db import models, transaction
from django.db.models.signals import post_delete, pre_delete

from django_user_options.conf import conf
from django_user_options.database_errors import retry_on_conflict
from django_user_options.exceptions import NoKeyGivenError, NothingToSaveError
from django_user_options.fields import STORED_TEXT, JSONText, encode_json
from django_user_options.owned_querysets import OwnedQuerySet
from django_user_options.quotas import within_quotas
from django_user_options.signals import options_changed, options_deleted
from django_user_options.statements import Store, read
from django_user_options.summaries import Totals, Usage, read_keys
from django_user_options.updates import Update
from django_user_options.upserts import upsert
from django_user_options.validators import encode_options, validate_key, validate_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.dispatch import Signal

    from django_user_options.summaries import KeyPage

# If anything listens to these, the rows to delete are read first.
_DELETE_SIGNALS = (options_deleted, pre_delete, post_delete)

_NOTHING: Mapping[str, Any] = MappingProxyType({})

_Option = TypeVar("_Option", bound=models.Model)


class OptionQuerySet(OwnedQuerySet[_Option]):
    """Reads and writes the options of an owner, which a subclass's `for_owner` chooses.

    Without an owner, each method raises TypeError. Each has an asynchronous twin whose name begins
    with `a`.
    """

    def as_mapping(self) -> dict[str, Any]:
        """Return the chosen owner's options as a dict of key to value, in one query.

        The order is that of the keys in the database.
        """
        return {key: json.loads(text) for key, text in self._texts()}

    def as_json(self) -> JSONText:
        """Return the chosen owner's options as the JSON text of one object, in one query.

        Values are not parsed.
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
        """
        found = self._texts(validate_key(key))
        if not found:
            return default
        value = json.loads(found[0][1])
        usable = (int, float) if of is float else (of,)
        return value if of is None or type(value) in usable else default

    @property
    def keys(self) -> Callable[..., KeyPage | None]:
        """Read the chosen owner's keys without their values, in one query.

        Args:
            prefix: Only keys that begin with this text.
            after: Only keys after this one.
            limit: How many keys at most; all by default.
            unless: A digest of such a page. If it is still the same, the result is None.

        Raises:
            InvalidOptionError: An argument has a type or a text that is not allowed.
            OptionLimitError: `prefix` or `after` is longer than a key.
        """
        # `dict()` takes whatever has this attribute for a mapping, but `values_list` yields pairs.
        if self._fields is not None:  # type: ignore[attr-defined]
            raise AttributeError(name="keys", obj=self)
        return self._keys

    def usage(self) -> Usage:
        """Return how much the chosen owner keeps, and the limits, in one query."""
        self._chosen_owner()
        return Usage(*Totals.kept(self.all()), conf.limits)

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
        """
        store = Store(self.model, self._chosen_owner(), self._write_db())
        texts = encode_options(options)
        if not texts:
            raise NothingToSaveError
        with within_quotas(store, texts):
            upsert(store, texts)
        self._announce(options_changed, store.using, keys=list(texts), cause=cause)

    def update_options(
        self,
        set: Mapping[str, Any] = _NOTHING,  # noqa: A002  the name in REST
        *,
        remove: Iterable[str] = (),
        increment: Mapping[str, float] = _NOTHING,
        if_: Mapping[str, str | None] = _NOTHING,
        cause: object = None,
    ) -> dict[str, Any]:
        """Set, remove and count options of the chosen owner: all of it, or nothing.

        Args:
            set: Keys and values, as in `set_options`.
            remove: Keys to delete; unknown ones are ignored.
            increment: Numbers to add by key. A missing key starts at 0, and integers stay exact.
            if_: The digest that each of these keys must have, or None if it must not exist.
                These keys cannot change between the comparison and the write.
            cause: As in `set_options`, for receivers of `options_changed` and `options_deleted`.

        Returns:
            The new digest of each key that was set. For each key that was counted, a dict of its
            `digest` and its `value`.

        Raises:
            NothingToUpdateError: There is nothing to set, remove or increment.
            OptionConflictError: A key is not as `if_` expects; the error has the present digests.
            InvalidOptionError: A key is in two of the first three arguments, a key, value or number
                cannot be stored, or a stored value is not a number.
            OptionLimitError: A limit would be exceeded.
            OwnerGoneError: The owner was deleted meanwhile; see `set_options`.
        """
        store = Store(self.model, self._chosen_owner(), self._write_db())
        update = Update.validated(set=set, remove=remove, increment=increment, if_=if_)
        written = update.apply(store)
        self._announce(options_changed, store.using, keys=list(written.texts), cause=cause)
        self._announce(options_deleted, store.using, keys=written.removed, cause=cause)
        return written.answer(counted=update.amounts)

    def delete_options(self, keys: Iterable[str], *, cause: object = None) -> int:
        """Delete the keys of the chosen owner, all or none, and return how many there were.

        Args:
            keys: The keys; unknown ones are ignored.
            cause: Who or what caused the change, for receivers of `options_deleted`.

        Raises:
            NoKeyGivenError: `keys` is empty.
            InvalidOptionError: A key cannot name an option.
            OptionLimitError: A key is too long, or there are too many.
        """
        self._chosen_owner()
        db = self._write_db()
        given = validate_keys(keys)
        if not given:
            raise NoKeyGivenError
        doomed = self.using(db).filter(key__in=given)

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

    def _keys(
        self,
        prefix: str = "",
        *,
        after: str = "",
        limit: int | None = None,
        unless: str | None = None,
    ) -> KeyPage | None:
        self._chosen_owner()
        return read_keys(self.all(), prefix, after=after, limit=limit, unless=unless)

    def _texts(self, key: str | None = None) -> list[tuple[str, str]]:
        """Return keys and JSON texts: those of the owner, or only the one with this key."""
        owner = self._chosen_owner()
        if self._is_owner_pending:
            return read(Store(self.model, owner, self.db), key)
        rows = self.all() if key is None else self.filter(key=key)
        return list(rows.order_by("key").values_list("key", STORED_TEXT))

    def _announce(self, signal: Signal, using: str, *, keys: list[str], cause: object) -> None:
        if keys and signal.has_listeners(self.model):
            owner = {"user": None, **self._chosen_owner()}
            send = partial(
                signal.send_robust, self.model, keys=keys, cause=cause, using=using, **owner
            )
            transaction.on_commit(send, using=using)

    aas_mapping = sync_to_async(as_mapping)
    aas_json = sync_to_async(as_json)
    aget_option = sync_to_async(get_option)
    akeys = sync_to_async(_keys)
    ausage = sync_to_async(usage)
    aset_options = sync_to_async(set_options)
    aupdate_options = sync_to_async(update_options)
    adelete_options = sync_to_async(delete_options)


class AppUserOptionQuerySet(OptionQuerySet[_Option]):
    """Options of an application for one user."""

    def for_owner(self, application: models.Model, user: models.Model) -> Self:
        return self._owned_by(application=application, user=user)


class AppOptionQuerySet(OptionQuerySet[_Option]):
    """Options of an application itself."""

    def for_owner(self, application: models.Model) -> Self:
        return self._owned_by(application=application)
