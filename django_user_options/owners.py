"""Owners by the names that they keep in every installation: client ids and user names."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connections, transaction
from oauth2_provider.models import get_application_model

from django_user_options.database_errors import missing_owners_told
from django_user_options.exceptions import OwnerGoneError
from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from django.db.models import Model, QuerySet

# No database holds such a name, and asking for one is an error.
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")


def name_field(model: type[Model]) -> str:
    """Return the field that names an application, or a user of whichever model."""
    return getattr(model, "USERNAME_FIELD", "client_id")


def everyone(model: type[Model], *, using: str | None = None) -> QuerySet[Any]:
    """Return all applications or users, even where the host's own managers hide some."""
    return model._base_manager.using(using)  # noqa: SLF001


def names_of(model: type[Model], pks: Iterable[Any], *, using: str | None) -> dict[Any, str]:
    """Return the names of those that exist, by primary key, in one query."""
    rows = everyone(model, using=using).filter(pk__in=set(pks))
    return {pk: str(name) for pk, name in rows.values_list("pk", name_field(model))}


def named(model: type[Model], names: Iterable[str], *, using: str | None) -> dict[str, Model]:
    """Return those that exist by name, compared exactly, in one query.

    A name that several share, as a host's user model may let them, means none of them.
    """
    field = name_field(model)
    possible = {name for name in names if _is_possible(model, field, name)}
    found = everyone(model, using=using).filter(**{f"{field}__in": possible})
    by_name = [(str(getattr(instance, field)), instance) for instance in found]
    bearers = Counter(name for name, _ in by_name)
    return {name: instance for name, instance in by_name if bearers[name] == 1}


def _is_possible(model: type[Model], field_name: str, name: str) -> bool:
    field: Any = model._meta.get_field(field_name)  # noqa: SLF001
    try:
        # A host's users may be named by numbers, for instance, and no column holds huge ones.
        value = field.to_python(name)
        if not isinstance(value, str):
            field.run_validators(value)
    except ValidationError:
        return False
    return not _IMPOSSIBLE.search(name)


def resolved(
    owners: Iterable[tuple[Any, ...]],
    find: Callable[[type[Model], set[Any]], Mapping[Any, Any]],
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return what `find` makes of each owner's application, and of its user if it has one.

    An owner is given by primary keys. One of whom a part was not found is left out.
    """
    given = set(owners)
    columns = zip(*given, strict=True)
    models = (get_application_model(), get_user_model())
    known = [find(model, set(pks)) for model, pks in zip(models, columns, strict=False)]
    return {
        owner: tuple(found[pk] for found, pk in zip(known, owner, strict=True))
        for owner in given
        if all(pk in found for found, pk in zip(known, owner, strict=True))
    }


def options_of(
    *, application: Model | None = None, user: Model | None = None, using: str | None = None
) -> list[QuerySet[Any]]:
    """Return what is kept for a user, by an application, for both, or at all.

    What applications keep for themselves comes first, where no user narrows it away.
    """
    own: QuerySet[Any] = AppOption.objects.using(using)
    users: QuerySet[Any] = AppUserOption.objects.using(using)
    if application is not None:
        own, users = own.filter(application=application), users.filter(application=application)
    return [own, users] if user is None else [users.filter(user_id=user.pk)]


@contextmanager
def held(owners: Iterable[Model], *, using: str) -> Iterator[None]:
    """Write, in the block, what belongs to these owners; they stay until the commit.

    Most databases look at the commit only whether there still is what was linked to, when
    nobody can be told any more.

    Raises:
        OwnerGoneError: One of them was deleted meanwhile; nothing is written.
    """
    with missing_owners_told(), transaction.atomic(using=using):
        yield
        if connections[using].features.can_defer_constraint_checks:
            _lock(owners, using=using)


def _lock(owners: Iterable[Model], *, using: str) -> None:
    no_key = connections[using].features.has_select_for_no_key_update
    for owner in owners:
        rows = everyone(type(owner), using=using).select_for_update(no_key=no_key)
        if not rows.filter(pk=owner.pk).exists():
            raise OwnerGoneError
