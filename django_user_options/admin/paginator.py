"""Counting, and paging through, what may be too much to be counted."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.utils.functional import cached_property

BOUND = 1_000


class Counted(NamedTuple):
    """How many there are up to a bound, and whether there are more."""

    number: int
    has_more: bool


def count_up_to(queryset: Any, bound: int = BOUND) -> Counted:
    """Count the rows of an ordered queryset, whose order lets the database stop early."""
    counted = queryset[: bound + 1].count()
    return Counted(min(counted, bound), has_more=counted > bound)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages up to a bound, and knows whether there is more."""

    @property
    def count(self) -> int:
        """Return how many there are, at most the bound."""
        return self._counted.number

    @property
    def has_more(self) -> bool:
        """Whether there are more than are counted and shown."""
        return self._counted.has_more

    @cached_property
    def _counted(self) -> Counted:
        rows: Any = self.object_list
        return count_up_to(rows.values("pk"))
