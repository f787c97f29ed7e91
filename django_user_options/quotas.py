"""Quotas of a user over all applications, and of an application over all of its users.

Counting all options of an application takes longer the more there are. So each process counts them
now and then, and adds what it writes itself in between. A quota is exact for one process; several
may exceed it by what the others write between two counts.
"""

from __future__ import annotations

from contextlib import contextmanager
from operator import add
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.translation import gettext_noop as _

from django_user_options.conf import conf
from django_user_options.exceptions import OptionLimitError
from django_user_options.upserts import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db import models

    from django_user_options.fields import JSONText


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
        _("options: at most %(maximum)d keys may be kept for one user"),
        _("options: at most %(maximum)d bytes of values may be kept for one user"),
    ),
    "application": (
        _("options: at most %(maximum)d keys may be kept by one application"),
        _("options: at most %(maximum)d bytes of values may be kept by one application"),
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
    model: Any, owner: Mapping[str, models.Model], texts: Mapping[str, JSONText], *, using: str
) -> Iterator[None]:
    """Run the block, which writes the texts, if the owner's quotas leave room for them.

    A write that raises neither total is never refused.

    Args:
        model: The model of the options.
        owner: The application, and the user if there is one.
        texts: The JSON texts to write, by key.
        using: The database to write to.

    Raises:
        OptionLimitError: The user or the application would keep more than its quota.
    """
    quotas = {role: quota for role, quota in _quotas().items() if any(quota)}
    if "user" not in owner or not quotas:
        yield
        return
    options = model._default_manager.using(using)  # noqa: SLF001
    given, replaced = Totals.of(texts), Totals.kept(options.filter(**owner, key__in=texts))
    growth = Totals(given.keys - replaced.keys, given.size - replaced.size)
    keys = {role: (using, role, owner[role].pk) for role in quotas}
    for role, key in keys.items():
        _require_room(options.filter((role, owner[role])), key, growth, quotas[role])
    yield
    for count, key in ((_counts.get(key), key) for key in keys.values()):
        if count is not None:
            _counts[key] = count._replace(totals=Totals(*map(add, count.totals, growth)))


def _quotas() -> dict[str, tuple[int | None, int | None]]:
    return {
        "user": (conf.max_keys_per_user, conf.max_bytes_per_user),
        "application": (conf.max_keys_per_application, conf.max_bytes_per_application),
    }


def _require_room(
    options: models.QuerySet[Any],
    key: tuple[Any, ...],
    growth: Totals,
    quota: tuple[int | None, int | None],
) -> None:
    role = key[1]
    if any(_refusals(role, _count(options, key, _CALM), growth, quota)):
        for refusal in _refusals(role, _count(options, key, _REFUSING), growth, quota):
            raise refusal


def _count(options: models.QuerySet[Any], key: tuple[Any, ...], pace: _Pace) -> Totals:
    """Return the last count, or a new one if that is too old for the pace."""
    known, now = _counts.get(key), monotonic()
    if known and now - known.at < max(pace.seconds, pace.multiple * known.took):
        return known.totals
    if len(_counts) >= _COUNTS:
        _counts.clear()
    totals = Totals.kept(options)
    _counts[key] = _Count(totals, now, monotonic() - now)
    return totals


def _refusals(
    role: str, kept: Totals, growth: Totals, quota: tuple[int | None, int | None]
) -> Iterator[OptionLimitError]:
    for had, more, maximum, message in zip(kept, growth, quota, _MESSAGES[role], strict=True):
        if maximum is not None and more > 0 and had + more > maximum:
            yield OptionLimitError(message, argument="options", maximum=maximum)
