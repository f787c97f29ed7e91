"""Options to look at; values are shown and never searched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_user_options.admin.exports import ExportActions
from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from django_user_options.models import Option

_KEY_LENGTH = 30
_PREVIEW_LENGTH = 60
_DETAILS = ("formatted_key", "formatted_value", "size", "created_at", "updated_at")


class OptionAdmin(ExportActions, admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows options and changes none: they belong to the applications that write them."""

    list_filter = ("updated_at", "application")
    list_per_page = 50
    ordering = ("-pk",)
    show_full_result_count = False
    sortable_by = ("short_key", "size", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let nobody add options by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Option | None = None) -> bool:
        """Let nobody change options by hand."""
        return False

    # The permission to delete stays Django's: it also decides whether an administrator may
    # delete a user or an application along with the options. Only the ways to it are closed.

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the option without a button to delete it."""
        context["show_delete"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse to delete a single option."""
        raise PermissionDenied

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        """Return the actions without the site's own, which deletes."""
        # Django has this argument, and insists on it, from 6.1 on.
        given = () if action_location is None else (action_location,)
        actions: dict[str, Any] = super().get_actions(request, *given)
        actions.pop("delete_selected", None)
        return actions

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the key, compared from its beginning, and the client id, compared whole."""
        return ("key__startswith", "application__client_id__exact")

    # Keys stand in quotes, as spaces at their ends tell them apart.

    @admin.display(description=_("key"), ordering="key")
    def short_key(self, option: Option) -> str:
        """Return how the key begins."""
        return _preview(option.key, _KEY_LENGTH)

    @admin.display(description=_("value"))
    def preview(self, option: Option) -> str:
        """Return what kind of value it is and how it begins."""
        return _preview(option.value)

    @admin.display(description=_("key"))
    def formatted_key(self, option: Option) -> SafeString:
        """Return the whole key."""
        return _formatted(option.key)

    @admin.display(description=_("value"))
    def formatted_value(self, option: Option) -> SafeString:
        """Return the whole value as indented JSON."""
        return _formatted(option.value)


@admin.register(AppOption)
class AppOptionAdmin(OptionAdmin):
    """Shows the options that applications keep for themselves."""

    readonly_fields = fields = ("application", *_DETAILS)
    list_display = ("short_key", "application", "preview", "size", "updated_at")
    list_select_related = ("application",)
    search_help_text = _("The beginning of a key, or a whole client id.")


@admin.register(AppUserOption)
class AppUserOptionAdmin(OptionAdmin):
    """Shows the options that applications keep for users."""

    readonly_fields = fields = ("application", "user", *_DETAILS)
    list_display = ("short_key", "application", "user", "preview", "size", "updated_at")
    list_select_related = ("application", "user")
    search_help_text = _("The beginning of a key, a whole client id, or part of a user's name.")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return also the name by which users log in."""
        return (*super().get_search_fields(request), f"user__{get_user_model().USERNAME_FIELD}")


def _formatted(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))


def _preview(value: Any, length: int = _PREVIEW_LENGTH) -> str:
    if isinstance(value, dict):
        entries = ngettext("object, %(count)d entry", "object, %(count)d entries", len(value))
        return entries % {"count": len(value)}
    if isinstance(value, list):
        entries = ngettext("list, %(count)d entry", "list, %(count)d entries", len(value))
        return entries % {"count": len(value)}
    if isinstance(value, str):
        return json.dumps(Truncator(value).chars(length), ensure_ascii=False)
    return Truncator(json.dumps(value)).chars(length)
