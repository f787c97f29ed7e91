"""Choosing, filtering by and searching for owners: the applications and users of a project.

Their models and admin classes are the project's: a primary key may be a string, a name may have any
collation, and rows may be hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.owners import owners_like, unfiltered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest


def visible(request: HttpRequest, site: Any, model: type[models.Model]) -> Any:
    """Return the records that the user may see, or `None` if the user may not see any.

    If no admin is registered for the model, Django's permissions decide.
    """
    if site.is_registered(model):
        own = site.get_model_admin(model)
        return own.get_queryset(request) if own.has_view_permission(request) else None
    user: Any = request.user
    label, name = model._meta.app_label, model._meta.model_name  # noqa: SLF001
    permitted = any(user.has_perm(f"{label}.{action}_{name}") for action in ("view", "change"))
    return model._default_manager.all() if permitted else None  # noqa: SLF001


def owner_links(model: type[models.Model]) -> list[Any]:
    """Return a model's foreign keys to its application and its user."""
    return [field for field in model._meta.concrete_fields if field.is_relation]  # noqa: SLF001


def shown_owners(request: HttpRequest, site: Any, model: type[models.Model]) -> Any:
    """Return the applications or the users, except those that the registered admin hides.

    Those that only the model's manager hides are among them, because they have options.
    """
    everybody = unfiltered(model)
    if not site.is_registered(model):
        return everybody
    shown = site.get_model_admin(model).get_queryset(request)
    known = model._default_manager.all()  # noqa: SLF001
    if shown.query.where == known.query.where:
        return everybody
    same = {"pk": models.OuterRef("pk")}
    is_shown: Any = models.Exists(shown.filter(**same))
    if known.query.where:
        is_shown |= ~models.Exists(known.filter(**same))
    return everybody.filter(is_shown)


def get_owner(request: HttpRequest, site: Any, model: type[models.Model], pk: str) -> Any:
    """Return the application or the user with this primary key, if it is shown.

    To users who may not see any, only owners of rows that they may see are shown. Otherwise, they
    could find out which primary keys exist.

    Raises:
        Http404: There is no such row.
    """
    owners = shown_owners(request, site, model)
    if visible(request, site, model) is None:
        has_rows = models.Q(pk__in=[])
        for kept in (AppUserOption, AppOption, InboundWebhook):
            rows = visible(request, site, kept)
            for link in owner_links(kept):
                if rows is not None and link.related_model is model:
                    own = rows.filter(**{link.name: models.OuterRef("pk")})
                    has_rows |= models.Q(models.Exists(own))
        owners = owners.filter(has_rows)
    found = _with_pk(owners, pk)
    if found is None:
        raise Http404
    return found


def _with_pk(owners: Any, pk: str) -> Any:
    try:
        # Databases refuse to search for NUL, each with a different error.
        return None if "\0" in pk else owners.filter(pk=pk).first()
    except (ValueError, ValidationError):
        return None


def users_like(request: HttpRequest, site: Any, term: str) -> Any:
    """Return users as the project's own admin of users finds them, or by their usernames.

    By usernames if staff may not use that admin, if it would find everybody, as by blanks, and if a
    column has a collation, because PostgreSQL may refuse to search for a part of such a text.
    """
    model = get_user_model()
    own: Any = site.get_model_admin(model) if site.is_registered(model) else None
    is_collated = any(getattr(it, "db_collation", None) for it in model._meta.fields)  # noqa: SLF001
    searches = own and own.has_view_permission(request) and own.get_search_fields(request)
    if searches and term.strip() and not is_collated:
        found, has_duplicates = own.get_search_results(request, own.get_queryset(request), term)
        return found.distinct() if has_duplicates else found
    return owners_like(model, term, **{model.USERNAME_FIELD: "icontains"})


class OwnerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A field for an application or a user, chosen by primary key."""

    def __init__(self, *args: Any, request: HttpRequest, site: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.site = request, site

    def to_python(self, value: Any) -> Any:
        """Return the chosen owner; invalid input of any kind is a validation error."""
        if value in self.empty_values:
            return None
        choices: Any = self.queryset
        pk = str(getattr(value, "pk", value))
        try:
            if not choices.query.where:
                return get_owner(self.request, self.site, choices.model, pk)
            owner = _with_pk(choices, pk)
        except Http404:
            owner = None
        if owner is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return owner


class OwnerSelect(AutocompleteSelect):
    """Django's autocomplete widget, safe for any input from a URL or a form."""

    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        """Show the chosen owner if it exists."""
        return super().optgroups(name, [one for one in value if self._exists(one)], attr)

    def _exists(self, value: Any) -> bool:
        try:
            self.choices.field.clean(value)
        except ValidationError:
            return False
        return True


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
