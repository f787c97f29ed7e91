"""Quotas of a user over all applications, and of an application over all of its users.

Counting all options of an application takes longer the more there are. So each process counts them
now and then, and adds what it writes itself in between. A quota is exact for one process; several
may exceed it by what the others write between two counts.
"""

from __future__ import annotations

import operator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.translation import gettext_noop as _

from django_user_options.conf import conf
from django_user_options.exceptions import OptionLimitError
from django_user_options.summaries import Totals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from django.db import models

    from django_user_options.fields import JSONText
    from django_user_options.statements import Store


class _Pace(NamedTuple):
    """For how long a count is used: for some seconds, or a multiple of what counting took."""

    seconds: int
    multiple: int


# While there is room, counting takes at most a thousandth of the time.
_CALM = _Pace(60, 1_000)
# Before a refusal, because others may have deleted options.
_REFUSING = _Pace(1, 20)
# A process forgets all counts when it has this many.
_COUNTS = 10_000

_MESSAGES = {
    "user": (
        _("%(argument)s: at most %(maximum)d keys may be kept for one user"),
        _("%(argument)s: at most %(maximum)d bytes of values may be kept for one user"),
    ),
    "application": (
        _("%(argument)s: at most %(maximum)d keys may be kept by one application"),
        _("%(argument)s: at most %(maximum)d bytes of values may be kept by one application"),
    ),
}


class _Count(NamedTuple):
    totals: Totals
    at: float
    took: float


_counts: dict[tuple[Any, ...], _Count] = {}


@receiver(setting_changed)
def _forget_counts(**_: object) -> None:
    _counts.clear()


@contextmanager
def within_quotas(
    store: Store,
    texts: Mapping[str, JSONText],
    *,
    removed: Collection[str] = (),
    argument: str = "options",
) -> Iterator[None]:
    """Run the block, which writes the texts, if the owner's quotas leave room for them.

    A write that raises neither total is never refused.

    Args:
        store: Where the options are kept.
        texts: The JSON texts to write, by key.
        removed: Keys that are deleted at the same time.
        argument: The argument that a refusal names.

    Raises:
        OptionLimitError: The user or the application would keep more than its quota.
    """
    quotas = list(_Quota.of(store)) if "user" in store.owner else []
    growth = Totals.of(texts) if quotas else Totals(0, 0)
    if any(quota.is_half_used_after(growth) for quota in quotas):
        # Until then, an estimate is enough: as if all keys were new.
        replaced = Totals.kept(store.rows.filter(key__in=[*texts, *removed]))
        growth = Totals(growth.keys - replaced.keys, growth.size - replaced.size)
    for quota in quotas:
        quota.require_room(growth, argument)
    yield
    for quota in quotas:
        quota.add(growth)


class _Quota(NamedTuple):
    """The most that one user or one application may keep over many owners."""

    role: str
    owner: models.Model
    options: models.QuerySet[Any]
    maxima: tuple[int | None, int | None]

    @classmethod
    def of(cls, store: Store) -> Iterator[Self]:
        for role, maxima in (
            ("user", (conf.max_keys_per_user, conf.max_bytes_per_user)),
            ("application", (conf.max_keys_per_application, conf.max_bytes_per_application)),
        ):
            if any(maxima):
                # Not above: most projects have no quotas, and a queryset takes a while to make.
                options = store.model._default_manager.using(store.using)  # noqa: SLF001
                yield cls(role, store.owner[role], options, maxima)

    def is_half_used_after(self, growth: Totals) -> bool:
        kept = zip(self._count(_CALM), growth, self.maxima, strict=True)
        return any(maximum and 2 * (had + more) > maximum for had, more, maximum in kept)

    def require_room(self, growth: Totals, argument: str) -> None:
        if any(self._refusals(growth, _CALM, argument)):
            for refusal in self._refusals(growth, _REFUSING, argument):
                raise refusal

    def add(self, growth: Totals) -> None:
        if count := _counts.get(self._key):
            totals = Totals(*map(operator.add, count.totals, growth))
            _counts[self._key] = count._replace(totals=totals)

    @property
    def _key(self) -> tuple[Any, ...]:
        return self.options.db, self.role, self.owner.pk

    def _count(self, pace: _Pace) -> Totals:
        """Return the last count, or a new one if that is too old for the pace."""
        known, now = _counts.get(self._key), monotonic()
        if known and now - known.at < max(pace.seconds, pace.multiple * known.took):
            return known.totals
        if len(_counts) >= _COUNTS:
            _counts.clear()
        totals = Totals.kept(self.options.filter((self.role, self.owner)))
        _counts[self._key] = _Count(totals, now, monotonic() - now)
        return totals

    def _refusals(self, growth: Totals, pace: _Pace, argument: str) -> Iterator[OptionLimitError]:
        kept = zip(self._count(pace), growth, self.maxima, _MESSAGES[self.role], strict=True)
        for unit, (had, more, maximum, message) in zip(("keys", "bytes"), kept, strict=True):
            if maximum is not None and more > 0 and had + more > maximum:
                yield OptionLimitError(
                    message,
                    argument=argument,
                    limit=f"max_{unit}_per_{self.role}",
                    maximum=maximum,
                    current=had,
                )
