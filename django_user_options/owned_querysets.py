"""Choosing the owner whose options a queryset reads and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models, router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models.sql import Query

_Option = TypeVar("_Option", bound=models.Model)


class OwnedQuerySet(models.QuerySet[_Option]):
    """Options of one kind of owner; a subclass's `for_owner` chooses the owner.

    Further filters keep the owner. They limit reads and deletes, but not writes. Do not combine
    querysets of two owners.
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

    def select_related(self, *fields: Any) -> Any:
        """Join both owners when one of them is asked for, since an option is named by both."""
        owners = [field.name for field in self.model._meta.fields if field.many_to_one]  # noqa: SLF001
        return super().select_related(*(owners if set(fields) & set(owners) else fields))

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

    def _write_db(self) -> str:
        chosen: str | None = self._db  # type: ignore[attr-defined]
        return chosen or router.db_for_write(self.model)

    def _chosen_owner(self) -> Mapping[str, models.Model]:
        if self._owner is None:
            msg = "Choose an owner first: objects.for_owner(…)."
            raise TypeError(msg)
        return self._owner
