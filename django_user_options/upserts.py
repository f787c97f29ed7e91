"""Writing options of one owner: all or none, within the limits, without losing other writes."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from django_user_options.database_errors import (
    converting_foreign_key_errors,
    in_transaction,
    retry_on_conflict,
)
from django_user_options.exceptions import OptionLimitError
from django_user_options.statements import add_up, write
from django_user_options.summaries import Totals

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django_user_options.fields import JSONText
    from django_user_options.statements import Store


def upsert(store: Store, texts: Mapping[str, JSONText]) -> None:
    """Add or replace all of the options of one owner, or none.

    Args:
        store: Where to write.
        texts: The JSON texts by key, sorted: writers that lock rows in one order cannot deadlock.

    Raises:
        OptionLimitError: The owner would keep more than is allowed.
        OwnerGoneError: The owner was deleted meanwhile.
    """

    def upsert_once() -> None:
        # If the statement fails, a transaction of the project must stay usable.
        savepoint = transaction.atomic if in_transaction(store.connection) else nullcontext
        with savepoint(store.using):
            write_within_limits(store, texts)

    with converting_foreign_key_errors():
        retry_on_conflict(upsert_once, using=store.using)


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
    check = partial(check_limits, store, texts, removed=locked, argument=argument)
    fits = given.keys <= ceiling.keys and given.size <= ceiling.size
    # A server may refuse a very large statement, so options that exceed a limit alone are not sent.
    if texts and not (fits and store.checks_bounds):
        ceiling = check()
    while (found := write(store, texts, given, ceiling, locked=locked)) is None:
        ceiling = check()
    return found


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
    kept, others = add_up(store, {*texts, *removed})
    given, limits = Totals.of(texts), Totals.allowed()
    ceiling = Totals(*map(max, limits, kept))
    if others.keys + given.keys > ceiling.keys:
        msg = _("%(argument)s: at most %(maximum)d keys may be kept")
        raise OptionLimitError(
            msg,
            argument=argument,
            limit="max_keys_per_owner",
            maximum=limits.keys,
            current=kept.keys,
        )
    if others.size + given.size > ceiling.size:
        msg = _("%(argument)s: at most %(maximum)d bytes of values may be kept")
        raise OptionLimitError(
            msg,
            argument=argument,
            limit="max_bytes_per_owner",
            maximum=limits.size,
            current=kept.size,
        )
    return ceiling
