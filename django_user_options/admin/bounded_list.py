"""The list of options, which stays fast with any number of them.

An index on a column that every write changes would slow down every write. So filters and sorting by
a value's type, size or last change look only at the newest rows that the search and the other
filters have found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest

# The maximum number of rows to count and page through.
COUNT_BOUND = 1_000
# The maximum number of rows to search without an index.
SCAN_BOUND = 100_000
# Fields of a confirmation besides the selected rows.
_OTHER_FIELDS = 10

# The names of each type of value and the first characters of its JSON.
_KINDS = {
    "string": (_("string"), '"'),
    "number": (_("number"), "-0123456789"),
    "boolean": (_("boolean"), "tf"),
    "null": (_("null"), "n"),
    "list": (_("list"), "["),
    "object": (_("object"), "{"),
}
_AGES = {
    "1": _("Past 24 hours"),
    "7": _("Past 7 days"),
    "30": _("Past 30 days"),
    "365": _("Past 365 days"),
}


class Counted(NamedTuple):
    """The number of rows up to a bound, and whether there are more."""

    number: int
    has_more: bool


def count_up_to_bound(queryset: Any) -> Counted:
    """Count the rows of an ordered queryset, whose order lets the database stop early."""
    counted = queryset[: COUNT_BOUND + 1].count()
    return Counted(min(counted, COUNT_BOUND), has_more=counted > COUNT_BOUND)


def too_many_to_confirm(found: Any) -> str:
    """Return why a page cannot ask to confirm all rows, or an empty text if it can."""
    counted = count_up_to_bound(found.values("pk"))
    if counted.has_more:
        text = _("More than %(count)d rows were found. Search or filter for fewer.")
        return text % {"count": counted.number}
    # A confirmation sends one field per row, and a few more.
    fields = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    if fields is not None and counted.number > (most := fields - _OTHER_FIELDS):
        text = _("At most %(count)d rows can be confirmed at once. Search or filter for fewer.")
        return text % {"count": most}
    return ""


def newest(queryset: Any) -> tuple[Any, bool]:
    """Return the newest rows up to `SCAN_BOUND`, and whether older ones were left out."""
    beyond = queryset.order_by("-pk").values_list("pk", flat=True)[SCAN_BOUND : SCAN_BOUND + 1]
    edge = next(iter(beyond), None)
    return (queryset, False) if edge is None else (queryset.filter(pk__gt=edge), True)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages up to a bound, and knows whether there is more."""

    @cached_property
    def counted(self) -> Counted:
        """How many rows there are, up to the bound."""
        rows: Any = self.object_list
        return count_up_to_bound(rows.values("pk"))

    @property
    def count(self) -> int:
        return self.counted.number


class ScanFilter(admin.SimpleListFilter):
    """A filter without an index; the list bounds how many rows its `scan` looks at."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave the work to `scan`, which runs after everything that has an index."""
        return queryset


class KindFilter(ScanFilter):
    """Keeps values of one type."""

    title = _("value type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind, name) for kind, (name, _starts) in _KINDS.items()]

    def scan(self, queryset: Any) -> Any:
        _name, starts = _KINDS.get(self.value() or "", ("", ""))
        return queryset.alias(start=Left("value", 1)).filter(start__in=[*starts])


class ChangedFilter(ScanFilter):
    """Keeps recently changed options."""

    title = _("last change")
    parameter_name = "changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(_AGES.items())

    def scan(self, queryset: Any) -> Any:
        if self.value() not in _AGES:
            return queryset
        since = timezone.now() - timedelta(days=int(self.value() or 0))
        return queryset.filter(updated_at__gte=since)


class BoundedChangeList(ChangeList):
    """Looks through at most `SCAN_BOUND` rows if there is no index."""

    # The number of rows searched, unless all were.
    looked_through: int | None = None

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        found = super().get_queryset(request, exclude_parameters)
        scans: list[Any] = [spec for spec in self.filter_specs if isinstance(spec, ScanFilter)]
        scans = [spec.scan for spec in scans if spec.value()]
        ordering = found.query.order_by
        if not scans and set(ordering) == {"-pk"}:
            return found
        found, is_cut = newest(found)
        self.looked_through = SCAN_BOUND if is_cut else None
        for scan in scans:
            found = scan(found)
        return found.order_by(*ordering)

    def get_results(self, request: HttpRequest) -> None:
        """Let the search form show the number of results only if all were counted."""
        super().get_results(request)
        if self.paginator.counted.has_more or not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count
