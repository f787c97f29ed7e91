"""Looking up applications and users, and the options that belong to them."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connections, models, transaction
from django.db.models.functions import Cast, Collate
from oauth2_provider.models import get_application_model

from django_user_options.conf import conf
from django_user_options.database_errors import converting_foreign_key_errors
from django_user_options.exceptions import OwnerGoneError
from django_user_options.keyset import in_batches
from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model, QuerySet

# No database stores these characters, and a query that contains them fails.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def name_field(model: type[Model]) -> str:
    """Return the field that names an application, or a user of any user model."""
    return getattr(model, "USERNAME_FIELD", "client_id")


def name_of(owner: Model) -> str:
    """Return an application's client id, or the name by which a user logs in."""
    return str(getattr(owner, name_field(type(owner))))


def unfiltered(model: type[Model], *, using: str | None = None) -> QuerySet[Any]:
    """Return all applications or users, even if the project's own managers hide some."""
    return model._base_manager.using(using)  # noqa: SLF001


def instances_by_name(
    model: type[Model], names: Iterable[str], *, using: str | None
) -> dict[str, Model]:
    """Return the applications or users with these names, compared exactly, in one query.

    A user model may allow duplicate names. A name that several users share is left out.
    """
    field: Any = model._meta.get_field(name_field(model))  # noqa: SLF001
    valid = {name for name in names if _can_hold(field, name)}
    found = unfiltered(model, using=using).filter(**{f"{field.name}__in": valid})
    pairs = [(name_of(instance), instance) for instance in found]
    count = Counter(name for name, _ in pairs)
    return {name: instance for name, instance in pairs if count[name] == 1}


def _can_hold(field: Any, text: str) -> bool:
    try:
        # A project may use numbers as usernames, and a number may be too large for the column.
        value = field.to_python(text)
        if not isinstance(value, str):
            field.run_validators(value)
    except ValidationError:
        return False
    return not _UNSTORABLE.search(text)


def owners_like(model: type[Model], term: str, **lookups: str) -> Any:
    """Return applications or users by how their fields compare with a term.

    Args:
        model: The model of the applications or the users.
        term: The text to search for.
        lookups: `exact`, `startswith`, `contains` or `icontains` by the name of a field, whose type
            and collation the project has chosen.
    """
    found, condition = unfiltered(model), models.Q(pk__in=[])
    for name, lookup in lookups.items():
        field: Any = model._meta.get_field(name)  # noqa: SLF001
        if lookup == "exact":
            if _can_hold(field, term):
                condition |= models.Q(**{name: term})
        elif isinstance(field, models.CharField | models.TextField) and not field.db_collation:
            condition |= models.Q(**{f"{name}__{lookup}": term})
        else:
            text: Any = Cast(name, models.TextField())
            if connections[found.db].vendor == "postgresql":
                # PostgreSQL cannot match part of a text under a collation that ignores case.
                text = Collate(text, "und-x-icu")
            found = found.alias(**{f"text_of_{name}": text})
            condition |= models.Q(**{f"text_of_{name}__i{lookup.removeprefix('i')}": term})
    return found.filter(condition)


def existing_owners(
    pks: Iterable[tuple[Any, ...]], *, using: str | None
) -> dict[tuple[Any, ...], tuple[Model, ...]]:
    """Return the owners that exist, in one query per model.

    An owner is the application, followed by the user if there is one. The keys of the result
    are the primary keys of both.
    """
    owners = set(pks)
    # Without a user, there is only one column.
    by_model = [
        unfiltered(model, using=using).in_bulk(set(column))
        for model, column in zip(
            (get_application_model(), get_user_model()), zip(*owners, strict=True), strict=False
        )
    ]
    found: dict[Any, Any] = {owner: tuple(map(dict.get, by_model, owner)) for owner in owners}
    return {owner: instances for owner, instances in found.items() if None not in instances}


def owner_options(
    application: Model, user: Model | None = None, *, using: str | None = None
) -> Any:
    """Return the application's options for the user, or its own options if there is no user."""
    if user is None:
        return AppOption.objects.using(using).for_owner(application)
    return AppUserOption.objects.using(using).for_owner(application, user)


def options_of(
    *, application: Model | None = None, user: Model | None = None, using: str | None = None
) -> list[QuerySet[Any]]:
    """Return the options of an application, of a user, of both, or all options.

    The applications' own options come first; they are left out if a user is given.
    """
    own: QuerySet[Any] = AppOption.objects.using(using)
    users: QuerySet[Any] = AppUserOption.objects.using(using)
    if application is not None:
        own, users = own.filter(application=application), users.filter(application=application)
    return [own, users] if user is None else [users.filter(user_id=user.pk)]


def delete_counted(rows: QuerySet[Any]) -> int:
    """Delete rows, and return their number without the rows that a cascade deletes."""
    _, deleted = rows.delete()
    return deleted.get(rows.model._meta.label, 0)  # noqa: SLF001


def delete_rows(options: Any, rows: list[tuple[Any, ...]], *, cause: object) -> int:
    """Delete rows as `in_pages` yields them, owner by owner, and return how many there were.

    So no lock lasts long. Rows that are gone by now are not counted.
    """
    owners = existing_owners((row[:-1] for row in rows), using=options.db)
    deleted = 0
    for pks, own in groupby(rows, key=lambda row: row[:-1]):
        # If the owner is missing, it was deleted together with its options.
        if pks in owners:
            for some in in_batches((row[-1] for row in own), conf.max_keys_per_call):
                deleted += options.for_owner(*owners[pks]).delete_options(some, cause=cause)
    return deleted


@contextmanager
def owners_must_exist(owners: Iterable[Model], *, using: str) -> Iterator[None]:
    """Run the block in a transaction that succeeds only if the owners still exist at its end.

    Most databases check foreign keys at the commit, too late to report an error. So the owners are
    locked after the block and cannot be deleted before the commit.

    Raises:
        OwnerGoneError: An owner was deleted meanwhile; nothing is written.
    """
    with converting_foreign_key_errors(), transaction.atomic(using=using):
        yield
        features = connections[using].features
        if features.can_defer_constraint_checks:
            for owner in owners:
                rows = unfiltered(type(owner), using=using).select_for_update(
                    no_key=features.has_select_for_no_key_update
                )
                if not rows.filter(pk=owner.pk).exists():
                    raise OwnerGoneError
