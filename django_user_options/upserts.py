"""Writing options of one owner: all or none, within the limits, without losing other writes."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models, transaction
from django.db.models.functions import NullIf
from django.utils.translation import gettext_noop as _

from django_user_options.conf import conf
from django_user_options.database_errors import (
    converting_foreign_key_errors,
    in_transaction,
    retry_on_conflict,
)
from django_user_options.exceptions import OptionLimitError
from django_user_options.statements import add_up, insert, insert_and_lock
from django_user_options.validators import byte_size

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from django_user_options.fields import JSONText
    from django_user_options.statements import Store


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
        # A row of size 0 is only a lock.
        keys = models.Count(NullIf("size", 0))
        return cls(**options.aggregate(keys=keys, size=models.Sum("size", default=0)))

    def fit(self, ceiling: Totals) -> bool:
        """Return whether neither total is above its limit."""
        return self.keys <= ceiling.keys and self.size <= ceiling.size


def upsert(store: Store, texts: Mapping[str, JSONText]) -> None:
    """Add or replace all of the options of one owner, or none.

    Args:
        store: Where to write.
        texts: The JSON texts by key, sorted: writers that lock rows in one order cannot deadlock.

    Raises:
        OptionLimitError: The owner would keep more than is allowed.
        OwnerGoneError: The owner was deleted meanwhile.
    """

    def write() -> None:
        # If the statement fails, a transaction of the project must stay usable.
        savepoint = transaction.atomic if in_transaction(store.connection) else nullcontext
        with savepoint(store.using):
            write_within_limits(store, texts)

    with converting_foreign_key_errors():
        retry_on_conflict(write, using=store.using)


def write_within_limits(
    store: Store,
    texts: Mapping[str, JSONText],
    *,
    locked: Collection[str] = (),
    argument: str = "options",
) -> Mapping[str, str | None]:
    """Write the options, and lock other keys of which the transaction will delete the rows.

    A write may leave the owner above a limit only if it does not raise that total: the limit
    may have been lowered since the options were written.

    Args:
        store: Where to write.
        texts: The JSON texts by key, sorted.
        locked: The other keys.
        argument: The argument that a refusal names.

    Returns:
        If keys are locked, the JSON text of each of them, or None for one that did not exist and
        has a row now. The keys that were written may be among them.

    Raises:
        OptionLimitError: The owner would keep more than is allowed.
    """
    given, ceiling = Totals.of(texts), Totals.allowed()
    rows: Mapping[str, str] = texts
    if locked:
        rows = {key: texts.get(key, "") for key in sorted({*texts, *locked})}
    # A server may refuse a very large statement, so options that exceed a limit alone are not sent.
    if texts and not (store.checks_bounds and given.fit(ceiling)):
        ceiling = check_limits(store, texts, removed=locked, argument=argument)
    write: Callable[..., Any] = insert_and_lock if locked else insert
    while not (found := write(store, rows, _bounds(given, ceiling))):
        ceiling = check_limits(store, texts, removed=locked, argument=argument)
    return found or {}


def check_limits(
    store: Store,
    texts: Mapping[str, JSONText],
    *,
    removed: Collection[str] = (),
    argument: str = "options",
) -> Totals:
    """Check that an owner may keep these options along with its others, in one query.

    Args:
        store: Where the options are kept.
        texts: The JSON texts to write, by key.
        removed: Keys that are deleted at the same time.
        argument: The argument that a refusal names.

    Returns:
        The most that the owner may keep: the limits, or its current totals if they are higher.

    Raises:
        OptionLimitError: The owner would keep more than that.
    """
    *all_kept, other_keys, other_size = add_up(store, {*texts, *removed})
    given, limits, kept = Totals.of(texts), Totals.allowed(), Totals(*all_kept)
    ceiling = Totals(*map(max, limits, kept))
    if other_keys + given.keys > ceiling.keys:
        msg = _("%(argument)s: at most %(maximum)d keys may be kept")
        raise OptionLimitError(
            msg,
            argument=argument,
            limit="max_keys_per_owner",
            maximum=limits.keys,
            current=kept.keys,
        )
    if other_size + given.size > ceiling.size:
        msg = _("%(argument)s: at most %(maximum)d bytes of values may be kept")
        raise OptionLimitError(
            msg,
            argument=argument,
            limit="max_bytes_per_owner",
            maximum=limits.size,
            current=kept.size,
        )
    return ceiling


def _bounds(given: Totals, ceiling: Totals) -> dict[str, int]:
    return {
        "given_keys": given.keys,
        "given_size": given.size,
        "room_for_keys": ceiling.keys - given.keys,
        "room_for_size": ceiling.size - given.size,
    }
