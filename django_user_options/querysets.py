"""The one way in and out of the option tables.

Every caller, REST or Python, goes through these methods, so validation, limits and the
atomic write hold everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from django.db import IntegrityError, connections, models, router, transaction
from django.utils import timezone

from django_user_options.conf import conf
from django_user_options.conflicts import retry_on_conflict
from django_user_options.exceptions import OptionLimitError, OwnerGoneError
from django_user_options.validators import (
    byte_size,
    encode_options,
    validate_key,
    validate_keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_user_options.fields import JSONText

_Option = TypeVar("_Option", bound=models.Model)
_UPDATED = ("value", "size", "updated_at")


class _Totals(NamedTuple):
    keys: int
    size: int


class OptionQuerySet(models.QuerySet[_Option]):
    """Options of one kind of owner; `for_owner` of a subclass chooses the owner.

    The chosen owner goes with the queryset. Further filters narrow what is read and deleted,
    not what is written; querysets of two owners are not to be combined.
    """

    _owner: Mapping[str, models.Model] | None = None

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._owner = self._owner
        return clone

    def _owned_by(self, **owner: models.Model) -> Self:
        for role, instance in owner.items():
            if not isinstance(instance, models.Model):
                msg = (
                    f"{role} must be a saved instance, not {type(instance).__name__}; where a "
                    "token has no user, Caller.of(request).user names the application's owner."
                )
                raise TypeError(msg)
        owned = self.filter(**owner)
        owned._owner = owner  # noqa: SLF001
        return owned

    def as_mapping(self) -> dict[str, Any]:
        """Return the chosen owner's options as a dict of key to value, in one query.

        The order is that of the keys in the database.

        Raises:
            TypeError: No owner was chosen by `for_owner`.
        """
        self._chosen_owner()
        return dict(self.order_by("key").values_list("key", "value"))

    def get_option(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default` where it was never set, in one query.

        Raises:
            InvalidOptionError: The key cannot name an option.
            OptionLimitError: The key is too long.
            TypeError: No owner was chosen by `for_owner`.
        """
        self._chosen_owner()
        found = self.filter(key=validate_key(key)).values_list("value", flat=True)[:1]
        return next(iter(found), default)

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Write all of the options of the chosen owner, or none.

        New keys are added, existing ones replaced, others left alone. A key is a string of
        1 to 255 characters, a value any JSON value as Python's `json` reads it.

        Raises:
            NothingToSaveError: `options` is empty.
            InvalidOptionError: A key or a value cannot be stored.
            OptionLimitError: A limit would be passed.
            OwnerGoneError: The owner was deleted meanwhile. Inside a transaction of the host
                its commit fails instead, with Django's `IntegrityError`.
            TypeError: No owner was chosen by `for_owner`.
        """
        owner = self._chosen_owner()
        texts = encode_options(options)
        owned = self.model._default_manager.using(self._write_db()).filter(**owner)  # noqa: SLF001
        try:
            _upsert(owned, owner, texts, allowed=_limits())
        except OptionLimitError:
            # An owner above a limit, lowered perhaps, may still write what raises no total.
            allowed = _Totals(*map(max, _limits(), _totals(owned)))
            if allowed == _limits():
                raise
            _upsert(owned, owner, texts, allowed=allowed)

    def delete_options(self, keys: Iterable[str]) -> int:
        """Delete the keys of the chosen owner, all or none, and return how many there were.

        Raises:
            NoKeyGivenError: `keys` is empty.
            InvalidOptionError: A key cannot name an option.
            OptionLimitError: A key is too long, or there are too many.
            TypeError: No owner was chosen by `for_owner`.
        """
        self._chosen_owner()
        db = self._write_db()
        doomed = self.using(db).filter(key__in=validate_keys(keys))
        _, deleted = retry_on_conflict(doomed.delete, using=db)
        return deleted.get(self.model._meta.label, 0)  # noqa: SLF001

    def _write_db(self) -> str:
        chosen: str | None = self._db  # type: ignore[attr-defined]
        return chosen or router.db_for_write(self.model, **self._hints)  # type: ignore[attr-defined]

    def _chosen_owner(self) -> Mapping[str, models.Model]:
        if self._owner is None:
            msg = "Choose an owner first: objects.for_owner(…)."
            raise TypeError(msg)
        return self._owner


class AppUserOptionQuerySet(OptionQuerySet[_Option]):
    """Options of an application for one user."""

    def for_owner(self, application: models.Model, user: models.Model) -> Self:
        """Choose the options that belong to this application and this user."""
        return self._owned_by(application=application, user=user)


class AppOptionQuerySet(OptionQuerySet[_Option]):
    """Options of an application itself."""

    def for_owner(self, application: models.Model) -> Self:
        """Choose the options that belong to this application."""
        return self._owned_by(application=application)


def _limits() -> _Totals:
    return _Totals(conf.max_keys_per_owner, conf.max_bytes_per_owner)


def _totals(owned: models.QuerySet[_Option]) -> _Totals:
    totals = owned.aggregate(keys=models.Count("pk"), size=models.Sum("size", default=0))
    return _Totals(**totals)


def _upsert(
    owned: models.QuerySet[_Option],
    owner: Mapping[str, models.Model],
    texts: Mapping[str, JSONText],
    *,
    allowed: _Totals,
) -> None:
    """Write the options in one statement unless the owner's totals then pass what is allowed."""
    # MySQL and MariaDB upsert on whichever unique index collides and refuse a named one.
    features = connections[owned.db].features
    (unique,) = owned.model._meta.total_unique_constraints  # noqa: SLF001
    target = unique.fields if features.supports_update_conflicts_with_target else None

    # What alone is too much need not be sent; a server may refuse so large a statement.
    _check_totals(_Totals(len(texts), sum(map(byte_size, texts.values()))), allowed)

    def write() -> None:
        with transaction.atomic(using=owned.db):
            owned.bulk_create(
                _rows(owned.model, owner, texts),
                update_conflicts=True,
                update_fields=_UPDATED,
                unique_fields=target,
            )
            _check_totals(_totals(owned), allowed)

    try:
        retry_on_conflict(write, using=owned.db)
    except IntegrityError as error:
        raise OwnerGoneError from error


def _rows(
    model: type[_Option], owner: Mapping[str, models.Model], texts: Mapping[str, JSONText]
) -> list[_Option]:
    now = timezone.now()
    return [
        model(**owner, key=key, value=text, size=byte_size(text), created_at=now, updated_at=now)
        for key, text in texts.items()
    ]


def _check_totals(totals: _Totals, allowed: _Totals) -> None:
    limits = _limits()
    if totals.keys > allowed.keys:
        msg = f"options: at most {limits.keys} keys may be kept"
        raise OptionLimitError(msg, argument="options", maximum=limits.keys)
    if totals.size > allowed.size:
        msg = f"options: at most {limits.size} bytes of values may be kept"
        raise OptionLimitError(msg, argument="options", maximum=limits.size)
