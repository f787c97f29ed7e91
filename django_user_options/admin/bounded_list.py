"""The list of options, which stays quick however many there are.

An index on a column that a write changes would slow down every write, so there is none: a value's
type, its size and the date of its last change are looked for, and sorted, within the newest rows
of what the other filters and the search have found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from django_user_options.admin.shown_values import KINDS

if TYPE_CHECKING:
    from django.http import HttpRequest

# Most rows that are counted and paged through.
COUNT_BOUND = 1_000
# Most rows in which something is looked for without an index.
SCAN_BOUND = 100_000

# By the first character of the JSON text.
_STARTS = {
    "string": '"',
    "number": "-0123456789",
    "boolean": "tf",
    "null": "n",
    "list": "[",
    "object": "{",
}
_AGES = {
    "1": _("Past 24 hours"),
    "7": _("Past 7 days"),
    "30": _("Past 30 days"),
    "365": _("Past 365 days"),
}


class Counted(NamedTuple):
    """How many rows there are up to a bound, and whether there are more."""

    number: int
    has_more: bool


def count_up_to_bound(queryset: Any) -> Counted:
    """Count the rows of an ordered queryset, whose order lets the database stop early."""
    counted = queryset[: COUNT_BOUND + 1].count()
    return Counted(min(counted, COUNT_BOUND), has_more=counted > COUNT_BOUND)


def newest(queryset: Any) -> tuple[Any, bool]:
    """Keep the newest rows up to `SCAN_BOUND`, and return whether older ones were left out."""
    beyond = queryset.order_by("-pk").values_list("pk", flat=True)[SCAN_BOUND : SCAN_BOUND + 1]
    edge = next(iter(beyond), None)
    return (queryset, False) if edge is None else (queryset.filter(pk__gt=edge), True)


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
        return count_up_to_bound(rows.values("pk"))


class ScanFilter(admin.SimpleListFilter):
    """A filter without an index; the list bounds how many rows it looks at."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave the work to `scan`, which comes after everything that has an index."""
        return queryset

    def scan(self, queryset: Any) -> Any:
        """Keep the rows that fit the chosen value."""
        raise NotImplementedError


class KindFilter(ScanFilter):
    """Keeps values of one type."""

    title = _("value type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the types of JSON."""
        return list(KINDS.items())

    def scan(self, queryset: Any) -> Any:
        """Keep the values whose text begins as that type does."""
        starts = list(_STARTS.get(self.value() or "", ""))
        return queryset.alias(start=Left("value", 1)).filter(start__in=starts)


class ChangedFilter(ScanFilter):
    """Keeps what was changed lately."""

    title = _("last change")
    parameter_name = "changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return how long ago it may be."""
        return list(_AGES.items())

    def scan(self, queryset: Any) -> Any:
        """Keep the rows written since then."""
        if self.value() not in _AGES:
            return queryset
        since = timezone.now() - timedelta(days=int(self.value() or 0))
        return queryset.filter(updated_at__gte=since)


class BoundedChangeList(ChangeList):
    """Looks through no more than `SCAN_BOUND` rows for what has no index."""

    is_cut = False

    @property
    def scan_bound(self) -> int:
        """Return how many rows are looked through."""
        return SCAN_BOUND

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """Apply what has an index, then what looks at each row."""
        found = super().get_queryset(request, exclude_parameters)
        scans = [
            spec for spec in self.filter_specs if isinstance(spec, ScanFilter) and spec.value()
        ]
        if not scans and set(found.query.order_by) == {"-pk"}:
            return found
        ordering = found.query.order_by
        found, self.is_cut = newest(found)
        for spec in scans:
            found = spec.scan(found)
        return found.order_by(*ordering)

    def get_results(self, request: HttpRequest) -> None:
        """Let the search form state the number of results only if all were counted."""
        super().get_results(request)
        if self.paginator.has_more or not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count
