"""One atomic change of an owner's options: set, remove and count, if they are as expected."""

from __future__ import annotations

import json
from functools import partial
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeGuard

from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.utils.translation import gettext_noop as _

from django_user_options.conf import conf
from django_user_options.database_errors import converting_foreign_key_errors, retry_on_conflict
from django_user_options.exceptions import (
    InvalidOptionError,
    NothingToUpdateError,
    OptionConflictError,
)
from django_user_options.fields import encode_json
from django_user_options.quotas import within_quotas
from django_user_options.summaries import digest_of
from django_user_options.upserts import write_within_limits
from django_user_options.validators import (
    check_count,
    encode_options,
    validate_keys,
    validate_mapping,
)

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from django_user_options.fields import JSONText
    from django_user_options.statements import Store

# If anything listens to these, Django reads rows before it deletes them.
_DELETE_SIGNALS = (pre_delete, post_delete)


class Written(NamedTuple):
    """What an update did.

    Attributes:
        texts: The JSON texts that were written, sorted by key.
        removed: The removed keys that had existed, sorted.
    """

    texts: Mapping[str, JSONText]
    removed: list[str]

    def answer(self, *, counted: Container[str]) -> dict[str, Any]:
        """Return the digest of each written key, and beside it the value of each counted one."""
        return {
            key: {"digest": digest_of(text), "value": json.loads(text)}
            if key in counted
            else digest_of(text)
            for key, text in self.texts.items()
        }


class Update(NamedTuple):
    """A valid change.

    Attributes:
        texts: The JSON texts to set, sorted by key.
        removed: The keys to remove, sorted.
        amounts: The numbers to add, by key.
        expected: The digest that each of these keys must have, None if it must not exist.
    """

    texts: Mapping[str, JSONText]
    removed: list[str]
    amounts: Mapping[str, float]
    expected: Mapping[str, str | None]

    @classmethod
    def validated(cls, *, set: Any, remove: Any, increment: Any, if_: Any) -> Self:  # noqa: A002
        """Return the change that the arguments of `update_options` describe.

        Raises:
            UserOptionsError: An argument is refused; see `update_options`.
        """
        amounts = validate_mapping(increment, argument="increment", maximum=conf.max_key_length)
        expected = validate_mapping(if_, argument="if")
        texts = encode_options(set, argument="set")
        removed = sorted({*validate_keys(remove, argument="remove")})
        for key, amount in amounts.items():
            if not _is_number(amount):
                msg = _("increment[%(key)s] must be a finite number")
                raise InvalidOptionError(msg, argument="increment", key=key)
        for key, digest in expected.items():
            if digest is not None and not isinstance(digest, str):
                msg = _("if[%(key)s] must be a digest, or null if the key must not exist")
                raise InvalidOptionError(msg, argument="if", key=key)
        update = cls(texts, removed, amounts, expected)
        check_count(len(update.keys), argument="set, remove, increment and if")
        update._check_changes()
        return update

    @property
    def keys(self) -> frozenset[str]:
        """All keys that the update changes or compares."""
        return frozenset(chain(*self))

    def apply(self, store: Store) -> Written:
        """Make the whole change, or raise.

        Raises:
            UserOptionsError: The change is refused; see `update_options`.
        """
        with converting_foreign_key_errors():
            return retry_on_conflict(partial(self._apply, store), using=store.using)

    def _check_changes(self) -> None:
        changed: frozenset[str] = frozenset()
        for argument, keys in zip(("set", "remove", "increment"), self, strict=False):
            if repeated := changed.intersection(keys):
                msg = _(
                    "%(argument)s: the key %(key)s may be in only one of set, remove and increment"
                )
                raise InvalidOptionError(msg, argument=argument, key=min(repeated))
            changed = changed.union(keys)
        if not changed:
            raise NothingToUpdateError

    def _apply(self, store: Store) -> Written:
        with transaction.atomic(using=store.using):
            texts, doomed = self.texts, self.removed
            is_watched = any(signal.has_listeners(store.model) for signal in _DELETE_SIGNALS)
            # If rows are deleted one by one, MariaDB must not have read any before they are locked.
            if self.amounts or self.expected or (self.removed and is_watched):
                found: Any = write_within_limits(store, {}, locked=self.keys)
                self._check_expected(found)
                texts = dict(sorted({**texts, **self._sums(found)}.items()))
                missing = {key for key in self.expected if found[key] is None}
                doomed = sorted({*doomed, *missing.difference(texts)})
            argument = "set" if self.texts else "increment"
            with within_quotas(store, texts, removed=doomed, argument=argument):
                found = write_within_limits(store, texts, locked=doomed, argument=argument)
            removed = [key for key in doomed if found[key] is not None]
            if is_watched:
                # Receivers must see only options that existed.
                locks = store.rows.filter(key__in={*doomed}.difference(removed))
                locks._raw_delete(store.using)  # noqa: SLF001
                doomed = removed
            if doomed:
                store.rows.filter(key__in=doomed).delete()
        return Written(texts, removed)

    def _check_expected(self, found: Mapping[str, str | None]) -> None:
        texts = {key: found[key] for key in self.expected}
        present = {key: text and digest_of(text) for key, text in texts.items()}
        conflicts = {key: present[key] for key in present if present[key] != self.expected[key]}
        if conflicts:
            raise OptionConflictError(conflicts)

    def _sums(self, found: Mapping[str, str | None]) -> dict[str, JSONText]:
        sums = {}
        for key, amount in self.amounts.items():
            text = found[key]
            stored = 0 if text is None else json.loads(text)
            if not _is_number(stored):
                msg = _("increment[%(key)s]: the stored value is not a number")
                raise InvalidOptionError(msg, argument="increment", key=key)
            try:
                sums[key] = stored + amount
                encode_json(sums[key])
            except (OverflowError, ValueError):
                msg = _(
                    "increment[%(key)s]: the sum is not a finite number of at most 4,300 digits"
                )
                raise InvalidOptionError(msg, argument="increment", key=key) from None
        return encode_options(sums, argument="increment")


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)
