"""Writing options by hand, where the host allows it: through the same door as everybody.

Django's permissions say who may, `USER_OPTIONS["ADMIN_EDITABLE"]` whether anybody may:
without it, superusers could edit, as they hold every permission.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db import router, transaction

from django_user_options.admin.forms import (
    OptionForm,
    OptionValueField,
    OwnerSelect,
    owned_with,
    owner_of,
)
from django_user_options.admin.refusals import RefusingAdmin
from django_user_options.admin.selection import CheckedSelection
from django_user_options.conf import conf
from django_user_options.fields import JSONTextField, KeyField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest, HttpResponse

    from django_user_options.models import Option


_DELETE_SELECTED = delete_selected.short_description  # type: ignore[attr-defined]


class EditableOptionAdmin(RefusingAdmin, CheckedSelection):
    """Adds, changes and deletes options by permission, if the setting lets it."""

    actions: Any = ("delete_selected",)
    form = OptionForm
    # An empty text is refused by the field itself; `null`, `""` and `{}` are values.
    formfield_overrides: ClassVar = {
        JSONTextField: {"form_class": OptionValueField, "required": False},
        # Spaces around a key belong to it.
        KeyField: {"strip": False, "widget": AdminTextInputWidget},
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether options may be edited here, and added by this user."""
        return conf.admin_editable and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Option | None = None) -> bool:
        """Return whether options may be edited here, and changed by this user."""
        return conf.admin_editable and super().has_change_permission(request, obj)

    # The permission to delete stays Django's: it also decides whether an administrator may
    # delete a user or an application along with the options. Only the ways to it are closed.

    def has_single_delete_permission(self, request: HttpRequest) -> bool:
        """Return whether single options may be deleted here, and by this user."""
        return conf.admin_editable and self.has_delete_permission(request)

    @admin.action(permissions=["single_delete"], description=_DELETE_SELECTED)
    def delete_selected(self, request: HttpRequest, queryset: Any) -> Any:
        """Delete the selection as Django does, by a permission that can be closed."""
        return delete_selected(self, request, queryset)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the button to delete only where it leads somewhere."""
        context["show_delete"] = conf.admin_editable
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a single option where that is open, and say so where a rule forbids it."""
        if not conf.admin_editable:
            raise PermissionDenied
        return self.refusing(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list; where a rule forbids to delete the selection, say so."""
        return self.refusing(request, super().changelist_view, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Let owners be completed by a field that no address breaks."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = OwnerSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return a form class, made for this request, that knows who fills it in."""
        form: Any = super().get_form(request, *args, **kwargs)
        form.actor = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing: the form has written the option, as only writing tells if it fits."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete one option."""
        owned_with(obj).delete_options([obj.key], cause=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete the selection, all or none."""
        with transaction.atomic(using=router.db_for_write(self.model)):
            for options in _by_owner(queryset):
                keys = [option.key for option in options]
                for start in range(0, len(keys), conf.max_keys_per_call):
                    some = keys[start : start + conf.max_keys_per_call]
                    owned_with(options[0]).delete_options(some, cause=request.user)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Log each by its key, along with whose it was, which is gone afterwards."""
        actor: Any = request.user
        for options in _by_owner(queryset):
            # A text that began like JSON would be read as Django's own.
            owner = ", ".join(f"{role}: {who}" for role, who in owner_of(options[0]).items())
            LogEntry.objects.log_actions(actor.pk, options, DELETION, owner)


def _by_owner(options: Iterable[Option]) -> Iterator[list[Option]]:
    """Yield the options of each owner, owners and keys in one order for all writers."""

    def owner(option: Option) -> list[str]:
        return [str(instance.pk) for instance in owner_of(option).values()]

    ordered = sorted(options, key=lambda option: (owner(option), option.key))
    for _, group in groupby(ordered, key=owner):
        yield list(group)
