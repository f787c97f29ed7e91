"""The lists of options; values are shown and never searched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from django_user_options.admin import display, pages
from django_user_options.admin.applications import application_page
from django_user_options.admin.changelist import OptionChangeList
from django_user_options.admin.editing import EditableOptionAdmin
from django_user_options.admin.exports import ExportActions
from django_user_options.admin.filters import (
    ApplicationFilter,
    ChangedFilter,
    KindFilter,
    LinkFilteredAdmin,
    UserFilter,
    can_complete,
)
from django_user_options.admin.owners import owner_page
from django_user_options.admin.paginator import BoundedPaginator, count_up_to
from django_user_options.models import AppOption, AppUserOption
from django_user_options.owners import unfiltered

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

    from django_user_options.models import Option

_SHOWN = ("shown_size", "created_at", "updated_at")
# Of more owners than that, a search shows no options.
_OWNERS_FOUND = 100
_OTHER_FIELDS = 10


class OptionAdmin(ExportActions, LinkFilteredAdmin, EditableOptionAdmin):
    """Shows options in a list that neither counts nor reads more than it shows."""

    actions: Any = (*EditableOptionAdmin.actions, *ExportActions.actions)
    change_list_template = "admin/django_user_options/option_change_list.html"
    list_filter: ClassVar[Any] = (ApplicationFilter, KindFilter, ChangedFilter)
    list_per_page = 50
    ordering = ("-pk",)
    owner: ClassVar[tuple[str, ...]] = ("application",)
    paginator = BoundedPaginator
    raw_id_fields: ClassVar[Any] = ("application",)
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ("short_key", "shown_size", "last_change")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list that bounds what it looks through."""
        return OptionChangeList

    def response_action(
        self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Refuse to change all that was found where nobody can say how many that is."""
        across = request.POST.get("select_across") == "1"
        across = across and request.POST.get("action") not in ExportActions.actions
        if across and (reason := _too_many(queryset)):
            self.message_user(request, reason, messages.WARNING)
            return None
        return super().response_action(request, queryset, *args, **kwargs)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Return the links for which the host's admin can propose values."""
        # Not the attribute: a host without an admin for its users could not start then.
        fields: Any = map(self.opts.get_field, self.owner)
        return [field.name for field in fields if can_complete(field, request, self.admin_site)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to filter by what an address may name beyond the filters: no index serves it."""
        return lookup in {spec.parameter_name for spec in self.list_filter}

    def get_fields(self, request: HttpRequest, obj: Option | None = None) -> tuple[str, ...]:
        """Return what a new option needs, and later on all that there is to know."""
        if obj is None:
            return (*self.owner, "key", "value")
        value = "value" if self.has_change_permission(request, obj) else "whole_value"
        return (*self.owner, "whole_key", value, *_SHOWN)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Option | None = None
    ) -> tuple[str, ...]:
        """Return all but the value: another key or owner would be another option."""
        if obj is None:
            return ()
        return tuple(name for name in self.get_fields(request, obj) if name != "value")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return something, so that there is a search; `get_search_results` does it."""
        return ("key",)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Keep options whose key begins so, and those of applications or users named so.

        Owners are looked up first: conditions on several tables at once find no index.
        """
        if not search_term:
            return queryset, False
        return queryset.filter(self.get_search_condition(request, search_term)), False

    def get_search_condition(self, request: HttpRequest, term: str) -> Q:
        """Return what a search means, on columns of the options alone."""
        name = _name_in(term)
        named = Q(client_id=name) | Q(name__startswith=name)
        applications = unfiltered(get_application_model()).filter(named)
        return Q(key__startswith=term) | self._links(request, "application", applications)

    def _links(self, request: HttpRequest, role: str, owners: Any) -> Q:
        found = list(owners.values_list("pk", flat=True)[: _OWNERS_FOUND + 1])
        if len(found) > _OWNERS_FOUND:
            text = _("More than %(count)d applications or users are named so: type more of it.")
            self.message_user(request, text % {"count": _OWNERS_FOUND}, messages.WARNING)
        return Q(**{f"{role}__in": found[:_OWNERS_FOUND]})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Link to the pages about the option's owner."""
        if context["original"] is not None:
            context["owner_links"] = self.get_owner_links(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_owner_links(self, option: Any) -> list[tuple[str | None, Any]]:
        """Return addresses and labels of the pages about an option's owner."""
        url = pages.page_url(self.admin_site, pages.APPLICATION_PAGE, option.application)
        return [(url, _("Application"))]

    @admin.display(description=_("key"), ordering="key")
    def short_key(self, option: Option) -> str:
        """Return how the key begins."""
        return display.shown_key(option.key)

    @admin.display(description=_("application"))
    def application_link(self, option: Any) -> Any:
        """Return the application, with a link to its page."""
        url = pages.page_url(self.admin_site, pages.APPLICATION_PAGE, option.application)
        return pages.link(url, option.application)

    @admin.display(description=_("value"))
    def preview(self, option: Option) -> SafeString:
        """Return what kind of value it is and how it begins."""
        return display.preview(option.value)

    @admin.display(description=_("size"), ordering="size")
    def shown_size(self, option: Option) -> SafeString:
        """Return the size of the value as JSON."""
        return display.size_text(option.size)

    @admin.display(description=_("last change"), ordering="updated_at")
    def last_change(self, option: Option) -> SafeString:
        """Return when it was last written, in two parts that a narrow column may part."""
        changed = option.updated_at
        if is_aware(changed):  # else the host has USE_TZ off
            changed = localtime(changed)
        parts = date_format(changed, "SHORT_DATE_FORMAT"), date_format(changed, "TIME_FORMAT")
        return format_html(
            '<span class="uo-date">{}</span> <span class="uo-date">{}</span>', *parts
        )

    @admin.display(description=_("key"))
    def whole_key(self, option: Option) -> SafeString:
        """Return the whole key."""
        return display.whole_key(option.key)

    @admin.display(description=_("value"))
    def whole_value(self, option: Option) -> SafeString:
        """Return the whole value as indented JSON."""
        return display.whole_value(option.value)


@admin.register(AppOption)
class AppOptionAdmin(OptionAdmin):
    """Shows the options that applications keep for themselves."""

    list_display = ("short_key", "application_link", "preview", "shown_size", "last_change")
    list_select_related = ("application",)
    search_help_text = _("The beginning of a key or of an application's name, or a client id.")


@admin.register(AppUserOption)
class AppUserOptionAdmin(OptionAdmin):
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
    list_select_related = ("application", "user")
    owner = ("application", "user")
    raw_id_fields = ("application", "user")
    search_help_text = _(
        "The beginning of a key, of a user's or of an application's name, or a client id."
    )

    def get_urls(self) -> list[URLPattern]:
        """Return also the addresses of the pages about owners and applications."""
        view = self.admin_site.admin_view
        owner, application = partial(owner_page, self), partial(application_page, self)
        return [
            path("owner/<str:application>/<str:user>/", view(owner), name=pages.OWNER_PAGE),
            path("application/<str:application>/", view(application), name=pages.APPLICATION_PAGE),
            *super().get_urls(),
        ]

    def get_search_condition(self, request: HttpRequest, term: str) -> Q:
        """Search also by the beginning of the name by which users log in."""
        model = get_user_model()
        named = {f"{model.USERNAME_FIELD}__startswith": _name_in(term)}
        users = unfiltered(model).filter(**named)
        return super().get_search_condition(request, term) | self._links(request, "user", users)

    def get_owner_links(self, option: Any) -> list[tuple[str | None, Any]]:
        """Return also the page about this application and this user."""
        owner = (option.application, option.user)
        url = pages.page_url(self.admin_site, pages.OWNER_PAGE, *owner)
        return [(url, _("All options of this user")), *super().get_owner_links(option)]

    @admin.display(description=_("user"))
    def user_link(self, option: Any) -> Any:
        """Return the user, with a link to the page about this application and this user."""
        owner = (option.application, option.user)
        return pages.link(pages.page_url(self.admin_site, pages.OWNER_PAGE, *owner), option.user)


def _name_in(term: str) -> str:
    """Return the name that a search means: not an empty one, with which all names begin."""
    return term.strip() or term


def _too_many(found: Any) -> str:
    """Return why no action can be confirmed for all that was found, or nothing if it can."""
    counted = count_up_to(found.values("pk"))
    if counted.has_more:
        text = _("Search or filter until all that is found is counted: it is above %(count)d.")
        return text % {"count": counted.number}
    # Django's page of confirmation sends each row as a field, and some more.
    fields = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    if fields is not None and counted.number > (most := fields - _OTHER_FIELDS):
        text = _("At most %(count)d can be confirmed at once: search or filter for fewer.")
        return text % {"count": most}
    return ""
