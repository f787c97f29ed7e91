"""The list of options, which stays quick however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.admin.views.main import ChangeList

from django_user_options.admin.filters import ScanFilter

if TYPE_CHECKING:
    from django.db import models
    from django.http import HttpRequest

    _Query = TypeVar("_Query", bound=models.QuerySet[Any])

SCAN_BOUND = 100_000


def newest(queryset: _Query, bound: int = SCAN_BOUND) -> tuple[_Query, bool]:
    """Keep the newest rows up to a bound, and return whether it left any out."""
    beyond = queryset.order_by("-pk").values_list("pk", flat=True)[bound : bound + 1]
    edge = next(iter(beyond), None)
    return (queryset, False) if edge is None else (queryset.filter(pk__gt=edge), True)


class OptionChangeList(ChangeList):
    """Looks through no more than `SCAN_BOUND` rows for what no index finds.

    An index on a column that a write changes would slow down every write, so there is none:
    a value's type, its size and the date of its last change are looked for, and sorted,
    within the newest rows of what the other filters and the search have found.
    """

    scan_bound = SCAN_BOUND
    is_cut = False

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """Apply what an index serves, then what takes a look at each row."""
        found = super().get_queryset(request, exclude_parameters)
        scans = [
            spec for spec in self.filter_specs if isinstance(spec, ScanFilter) and spec.value()
        ]
        if not scans and set(found.query.order_by) == {"-pk"}:
            return found
        ordering = found.query.order_by
        found, self.is_cut = newest(found, self.scan_bound)
        for spec in scans:
            found = spec.scan(found)
        return found.order_by(*ordering)

    def get_results(self, request: HttpRequest) -> None:
        """Let the search form tell the number of results only where they were all counted."""
        super().get_results(request)
        if self.paginator.has_more or not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count
