"""The admin of options: values are shown, never searched, and edited only if a setting allows it.

Django's permissions say who may edit; `USER_OPTIONS["ADMIN_EDITABLE"]` says whether anybody may,
because superusers have every permission. The delete permission stays Django's, because it also
decides whether an administrator may delete a user or an application along with the options. Only
the ways to delete single options are turned off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.forms.fields import InvalidJSONInput
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from django_user_options.admin import option_texts
from django_user_options.admin.base_admin import (
    APPLICATION_PAGE,
    OWNER_PAGE,
    PERSON_PAGE,
    link,
    short_date,
)
from django_user_options.admin.bounded_list import (
    BoundedChangeList,
    BoundedPaginator,
    ChangedFilter,
    KindFilter,
)
from django_user_options.admin.option_actions import OptionActions
from django_user_options.admin.option_texts import (
    OptionForm,
    OptionValueField,
    owned_with,
    owner_of,
)
from django_user_options.admin.owner_fields import ApplicationFilter, UserFilter, owner_links
from django_user_options.admin.owner_pages import OwnerPages
from django_user_options.conf import conf
from django_user_options.fields import JSONTextField, KeyField
from django_user_options.models import AppOption, AppUserOption
from django_user_options.owners import owners_like, owners_must_exist

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from django_user_options.models import Option

_FACTS = ("shown_size", "digest", "created_at", "updated_at")


class OptionAdmin(OptionActions):
    """Shows options in a list that neither counts nor reads more than it shows."""

    form = OptionForm
    formfield_overrides: ClassVar = {
        JSONTextField: {
            "form_class": OptionValueField,
            "help_text": _('JSON, for example "dark", 1.5, or ["name", "date"].'),
            "initial": InvalidJSONInput(),
            "widget": AdminTextareaWidget(
                {"class": "vLargeTextField uo-editor", "spellcheck": "false", "rows": 12}
            ),
        },
        # Spaces around a key belong to it.
        KeyField: {"strip": False, "widget": AdminTextInputWidget},
    }
    list_filter: ClassVar[Any] = (ApplicationFilter, KindFilter, ChangedFilter)
    list_per_page = 50
    ordering = ("-pk",)
    paginator = BoundedPaginator
    raw_id_fields: ClassVar[Any] = ("application",)
    # Not empty, so that the search form is shown; `get_search_results` does the search.
    search_fields = ("key",)
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ("short_key", "shown_size", "last_change")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("application")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return BoundedChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return conf.admin_editable and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Option | None = None) -> bool:
        return conf.admin_editable and super().has_change_permission(request, obj)

    def has_single_delete_permission(self, request: HttpRequest) -> bool:
        return conf.admin_editable and self.has_delete_permission(request)

    def get_fields(self, request: HttpRequest, obj: Option | None = None) -> tuple[str, ...]:
        owner = tuple(role.name for role in owner_links(self.model))
        if obj is None:
            return (*owner, "key", "value")
        value = "value" if self.has_change_permission(request, obj) else "whole_value"
        return (*owner, "whole_key", value, *_FACTS)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Option | None = None
    ) -> tuple[str, ...]:
        """Return all but the value: another key or owner would make it another option."""
        if obj is None:
            return ()
        return tuple(name for name in self.get_fields(request, obj) if name != "value")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the filters of the list in a URL: nothing else has an index."""
        return lookup in {spec.parameter_name for spec in self.list_filter}

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        if search_term:
            queryset = queryset.filter(self.get_search_condition(request, search_term))
        return queryset, False

    def get_search_condition(self, request: HttpRequest, term: str) -> Q:
        model, lookups = get_application_model(), {"client_id": "exact", "name": "startswith"}
        applications = owners_like(model, _name_in(term), **lookups)
        return Q(key__startswith=term) | self.owned_by(request, "application", applications)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["show_delete"] = conf.admin_editable
        if context["original"] is not None:
            context["owner_links"] = self.get_owner_links(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_owner_links(self, option: Any) -> list[tuple[str | None, Any]]:
        return [(self._application_url(option), _("Application"))]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not form.has_changed():
            return
        owned = owned_with(obj)
        with owners_must_exist(owner_of(obj).values(), using=owned.db):
            owned.set_options({obj.key: obj.value}, cause=request.user)
        obj.pk = owned.values_list("pk", flat=True).get(key=obj.key)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not conf.admin_editable:
            raise PermissionDenied
        return super().delete_view(request, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        owned_with(obj).delete_options([obj.key], cause=request.user)

    @admin.display(description=_("key"), ordering="key")
    def short_key(self, option: Option) -> str:
        return option_texts.shown_key(option.key)

    @admin.display(description=_("application"))
    def application_link(self, option: Any) -> Any:
        return link(self._application_url(option), option.application)

    @admin.display(description=_("value"))
    def preview(self, option: Option) -> Any:
        return option_texts.preview(option.value)

    @admin.display(description=_("size"), ordering="size")
    def shown_size(self, option: Option) -> Any:
        return filesizeformat(option.size)

    @admin.display(description=_("digest"))
    def digest(self, option: Option) -> str:
        return option.digest

    @admin.display(description=_("changed"), ordering="updated_at")
    def last_change(self, option: Option) -> Any:
        return short_date(option.updated_at)

    @admin.display(description=_("key"))
    def whole_key(self, option: Option) -> Any:
        return option_texts.whole_key(option.key)

    @admin.display(description=_("value"))
    def whole_value(self, option: Option) -> Any:
        return option_texts.whole_value(option.value)

    def _application_url(self, option: Any) -> str | None:
        return self.page_url(APPLICATION_PAGE, option.application)


@admin.register(AppOption)
class AppOptionAdmin(OptionAdmin):
    """Shows the options that applications keep for themselves."""

    list_display = ("short_key", "application_link", "preview", "shown_size", "last_change")
    search_help_text = _("The beginning of a key or of an application's name, or a client id.")


@admin.register(AppUserOption)
class AppUserOptionAdmin(OwnerPages, OptionAdmin):
    """Shows the options that applications keep for users, and pages about their owners."""

    list_display = (
        "short_key",
        "application_link",
        "user_link",
        "preview",
        "shown_size",
        "last_change",
    )
    list_filter = (ApplicationFilter, UserFilter, KindFilter, ChangedFilter)
    raw_id_fields = ("application", "user")
    search_help_text = _(
        "The beginning of a key or of an application's name, a client id, or part of a user's name."
    )

    def get_search_condition(self, request: HttpRequest, term: str) -> Q:
        users = self.users_like(request, _name_in(term))
        return super().get_search_condition(request, term) | self.owned_by(request, "user", users)

    def get_owner_links(self, option: Any) -> list[tuple[str | None, Any]]:
        return [
            (self._owner_url(option), _("Application and user")),
            *super().get_owner_links(option),
            (self._person_url(option), _("The person")),
        ]

    @admin.display(description=_("user"))
    def user_link(self, option: Any) -> Any:
        person = link(self._person_url(option), option.user)
        label = _("Everything that %(application)s keeps about %(user)s") % {
            "application": option.application,
            "user": option.user,
        }
        pair = '{} <a href="{}" class="uo-pair" aria-label="{}" title="{}">⋯</a>'
        return format_html(pair, person, self._owner_url(option), label, label)

    def _person_url(self, option: Any) -> str | None:
        return self.page_url(PERSON_PAGE, option.user)

    def _owner_url(self, option: Any) -> str | None:
        owner = option.application, option.user
        return self.page_url(OWNER_PAGE, *owner)


def _name_in(term: str) -> str:
    """Return the name to search for, but not an empty one, which every name begins with."""
    return term.strip() or term
