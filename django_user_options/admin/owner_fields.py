"""Choosing owners and filtering by them: the applications and users of a project.

Their models are the project's, so a primary key may be a string.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db import models
    from django.http import HttpRequest


def owner_links(model: type[models.Model]) -> list[Any]:
    """Return a model's foreign keys to its application and its user."""
    return [field for field in model._meta.concrete_fields if field.is_relation]  # noqa: SLF001


def with_pk(owners: Any, pk: str) -> Any:
    """Return the owner with this primary key, which may be any text, or `None`."""
    try:
        # Databases refuse to search for NUL, each with a different error.
        return None if "\0" in pk else owners.filter(pk=pk).first()
    except (ValueError, ValidationError):
        return None


class OwnerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A field for an application or a user, chosen by primary key."""

    def to_python(self, value: Any) -> Any:
        """Return the chosen owner; invalid input of any kind is a validation error."""
        if value in self.empty_values:
            return None
        owner = with_pk(self.queryset, str(getattr(value, "pk", value)))
        if owner is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return owner


class OwnerSelect(AutocompleteSelect):
    """Django's autocomplete widget, safe for any input from a URL or a form."""

    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        """Show the chosen owner if it exists."""
        choices: Any = self.choices
        existing = [one for one in value if with_pk(choices.queryset, str(one)) is not None]
        return super().optgroups(name, existing, attr)


class OwnerFilter(admin.SimpleListFilter):
    """Keeps the rows of one application or user: there are too many to list them."""

    template = "admin/django_user_options/owner_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        field = model._meta.get_field(self.parameter_name)  # noqa: SLF001
        self.choice = model_admin.formfield_for_foreignkey(field, request, required=False)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return at least one choice, because Django hides a filter that has none."""
        return [("", "")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        try:
            chosen = self.choice.clean(self.value())
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error
        return queryset.filter((self.parameter_name, chosen))

    def choices(self, changelist: Any) -> Iterator[Any]:
        name: Any = self.parameter_name
        attributes = {"id": f"filter-{name}", "aria-label": self.title, "form": "uo-filters"}
        yield {
            "field": self.choice.widget.render(name, self.value(), attributes),
            "all": changelist.get_query_string(remove=[name]) if self.value() else None,
        }


class ApplicationFilter(OwnerFilter):
    """Keeps the rows of one application."""

    title = _("application")
    parameter_name = "application"


class UserFilter(OwnerFilter):
    """Keeps the rows for one user."""

    title = _("user")
    parameter_name = "user"
