"""Filters that neither list every application nor count."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AdminTextInputWidget, AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_user_options.admin.display import KINDS
from django_user_options.owners import unfiltered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db import models
    from django.http import HttpRequest

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


def can_complete(field: models.Field[Any, Any], request: HttpRequest, site: Any) -> bool:
    """Return whether the admin can propose values for a link: the host's own admin decides."""
    related: Any = field.remote_field.model  # type: ignore[union-attr]
    if not site.is_registered(related):
        return False
    related_admin = site.get_model_admin(related)
    searchable = related_admin.get_search_fields(request)
    return bool(searchable and related_admin.has_view_permission(request))


class LinkFilter(admin.SimpleListFilter):
    """Keeps the rows of one application or user, which are many: found by typing, not listed."""

    template = "admin/django_user_options/link_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        field = model._meta.get_field(self.parameter_name)  # noqa: SLF001
        site = model_admin.admin_site
        self.can_complete = can_complete(field, request, site)
        widget: Any = AutocompleteSelect(field, site) if self.can_complete else None
        self.choice = forms.ModelChoiceField(
            unfiltered(field.remote_field.model),
            required=False,
            widget=widget or AdminTextInputWidget(attrs={"placeholder": "ID"}),
        )

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return something, as a filter without choices is not shown."""
        return [("", "")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the rows that link to the chosen one."""
        if not self.value():
            return queryset
        try:
            chosen = self.choice.clean(self.value())
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error
        return queryset.filter((self.parameter_name, chosen))

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Return the one field to type into, and what the list's address says beside it."""
        name: Any = self.parameter_name
        attributes = {"id": f"filter-{name}", "aria-label": self.title}
        yield {
            "field": self.choice.widget.render(name, self.value(), attributes),
            "others": [pair for pair in changelist.params.items() if pair[0] != name],
            "all": changelist.get_query_string(remove=[name]) if self.value() else None,
        }


class ApplicationFilter(LinkFilter):
    """Keeps the options of one application."""

    title = _("application")
    parameter_name = "application"


class UserFilter(LinkFilter):
    """Keeps the options for one user."""

    title = _("user")
    parameter_name = "user"


class LinkFilteredAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Has a list that is filtered by applications and users."""

    @property
    def media(self) -> Any:
        """Return also what the filters' fields need."""
        completion = AutocompleteSelect(self.opts.get_field("application"), self.admin_site)
        own = forms.Media(css={"all": ("django_user_options/admin.css",)})
        return super().media + completion.media + own


class ScanFilter(admin.SimpleListFilter):
    """A filter that no index serves; the list bounds how many rows it looks at."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave the work to `scan`, which comes after all that an index serves."""
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
