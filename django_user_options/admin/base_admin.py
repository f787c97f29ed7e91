"""What all admins of this package share: what may be seen, links, pages, and refusals.

The project's own admin classes decide what its staff may see, so every page asks them for their
queryset and permissions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AdminTextInputWidget, AutocompleteSelect
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, models, router, transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]
from django.utils.translation import gettext_lazy as _

from django_user_options.admin.bounded_list import too_many_to_confirm
from django_user_options.admin.owner_fields import (
    OwnerField,
    OwnerSelect,
    owner_links,
    with_pk,
)
from django_user_options.exceptions import UserOptionsError
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from django_user_options.owners import owners_like, unfiltered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

OWNER_PAGE = "django_user_options_appuseroption_owner"
APPLICATION_PAGE = "django_user_options_appuseroption_application"
PERSON_PAGE = "django_user_options_overview_person"
# If a search matches more owners than this, only options of this many are shown.
OWNERS_FOUND = 100


def link(url: str | None, label: Any) -> Any:
    """Return a link, or only the label if there is no URL."""
    return label if url is None else format_html('<a href="{}">{}</a>', url, label)


def short_date(moment: datetime | None) -> Any:
    """Return a date that leaves room for other columns; its title has the time."""
    if moment is None:
        return None
    local = template_localtime(moment)
    formats = "DATETIME_FORMAT", "SHORT_DATE_FORMAT"
    return format_html('<time title="{}">{}</time>', *(date_format(local, it) for it in formats))


class BaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows only what the project's own admins show, and errors of this package as messages."""

    change_list_template = "admin/django_user_options/change_list.html"
    # Actions that can run on any number of rows, because no page lists them first.
    unconfirmed_actions: tuple[str, ...] = ()

    @property
    def media(self) -> Any:
        completion = AutocompleteSelect(self.opts.get_field("application"), self.admin_site)
        own = forms.Media(css={"all": ("django_user_options/admin.css",)})
        return super().media + completion.media + own

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the rows, except those whose owner the project's own admin hides."""
        rows = super().get_queryset(request)
        for link in owner_links(self.model):
            owners = self.shown_owners(request, link.related_model)
            if owners.query.where:
                shown = models.Q(**{f"{link.name}__in": owners})
                rows = rows.filter(shown | models.Q(**{f"{link.name}__isnull": True}))
        return rows

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Let users choose owners by name if they may see them, and otherwise by id."""
        related, site = db_field.remote_field.model, self.admin_site
        own = site.get_model_admin(related) if site.is_registered(related) else None
        if own and own.get_search_fields(request) and own.has_view_permission(request):
            kwargs.setdefault("widget", OwnerSelect(db_field, site, using=kwargs.get("using")))
        kwargs.setdefault("widget", AdminTextInputWidget(attrs={"placeholder": "ID"}))
        kwargs.setdefault("queryset", self.known_owners(request, related))
        kwargs["form_class"] = OwnerField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def page_url(self, name: str, *instances: Any) -> str | None:
        """Return the URL of a page, or `None` if the project's admin does not include it."""
        arguments = [quote(str(instance.pk)) for instance in instances]
        try:
            return reverse(f"admin:{name}", args=arguments, current_app=self.admin_site.name)
        except NoReverseMatch:
            return None

    def change_url(self, request: HttpRequest, instance: models.Model) -> str | None:
        """Return the admin's URL of a record, or `None` if the user may not see it there."""
        model, site = type(instance), self.admin_site
        if not site.is_registered(model):
            return None
        if not site.get_model_admin(model).has_view_permission(request, instance):
            return None
        label = f"{instance._meta.app_label}_{instance._meta.model_name}"  # noqa: SLF001
        return self.page_url(f"{label}_change", instance)

    def page(self, request: Any, template: str, context: dict[str, Any]) -> HttpResponse:
        """Return a page that is part of its admin."""
        request.current_app = self.admin_site.name
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "has_view_permission": self.has_view_permission(request),
        }
        path = f"admin/django_user_options/{template}.html"
        return TemplateResponse(request, path, shared | context)

    def visible(self, request: HttpRequest, model: type[models.Model]) -> Any:
        """Return the records that the user may see, or `None` if the user may not see any.

        If no admin is registered for the model, Django's permissions decide.
        """
        if self.admin_site.is_registered(model):
            own = self.admin_site.get_model_admin(model)
            return own.get_queryset(request) if own.has_view_permission(request) else None
        user: Any = request.user
        label, name = model._meta.app_label, model._meta.model_name  # noqa: SLF001
        permitted = any(user.has_perm(f"{label}.{action}_{name}") for action in ("view", "change"))
        return model._default_manager.all() if permitted else None  # noqa: SLF001

    def visible_user_options(self, request: HttpRequest) -> Any:
        """Return the options of users that the user may see.

        Raises:
            PermissionDenied: The user may not see any.
        """
        options = self.visible(request, AppUserOption)
        if options is None:
            raise PermissionDenied
        return options

    def shown_owners(self, request: HttpRequest, model: type[models.Model]) -> Any:
        """Return the applications or the users, except those that the registered admin hides.

        Owners that only the model's manager hides are included, because they have options.
        """
        everybody = unfiltered(model)
        if not self.admin_site.is_registered(model):
            return everybody
        shown = self.admin_site.get_model_admin(model).get_queryset(request)
        known = model._default_manager.all()  # noqa: SLF001
        if shown.query.where == known.query.where:
            return everybody
        same = {"pk": models.OuterRef("pk")}
        is_shown: Any = models.Exists(shown.filter(**same))
        if known.query.where:
            is_shown |= ~models.Exists(known.filter(**same))
        return everybody.filter(is_shown)

    def known_owners(self, request: HttpRequest, model: type[models.Model]) -> Any:
        """Return the applications or the users that the user may ask for by primary key.

        To users who may not see any, these are only owners of rows that they may see. Otherwise,
        they could find out which primary keys exist.
        """
        owners = self.shown_owners(request, model)
        if self.visible(request, model) is not None:
            return owners
        has_rows = models.Q(pk__in=[])
        for kept in (AppUserOption, AppOption, InboundWebhook):
            rows = self.visible(request, kept)
            for link in owner_links(kept):
                if rows is not None and link.related_model is model:
                    own = rows.filter(**{link.name: models.OuterRef("pk")})
                    has_rows |= models.Q(models.Exists(own))
        return owners.filter(has_rows)

    def get_owner(self, request: HttpRequest, model: type[models.Model], quoted_pk: str) -> Any:
        """Return the application or the user that a URL names.

        Raises:
            Http404: The user may not ask for it, or there is no such row.
        """
        found = with_pk(self.known_owners(request, model), unquote(quoted_pk))
        if found is None:
            raise Http404
        return found

    def users_like(self, request: HttpRequest, term: str) -> Any:
        """Return users as the project's own user admin finds them, or else by username.

        Usernames are searched if staff may not use that admin, if the term is blank, which would
        find everybody, or if a column has a collation under which PostgreSQL may refuse to search.
        """
        model, site = get_user_model(), self.admin_site
        own: Any = site.get_model_admin(model) if site.is_registered(model) else None
        is_collated = any(getattr(it, "db_collation", None) for it in model._meta.fields)  # noqa: SLF001
        searches = own and own.has_view_permission(request) and own.get_search_fields(request)
        if searches and term.strip() and not is_collated:
            found, has_duplicates = own.get_search_results(request, own.get_queryset(request), term)
            return found.distinct() if has_duplicates else found
        return owners_like(model, term, **{model.USERNAME_FIELD: "icontains"})

    def owned_by(self, request: HttpRequest, role: str, owners: Any) -> models.Q:
        """Return the condition that rows belong to one of the owners that a search found.

        Owners are looked up first, because conditions on several tables at once use no index.
        """
        found = list(owners.order_by().values_list("pk", flat=True)[: OWNERS_FOUND + 1])
        if len(found) > OWNERS_FOUND:
            text = _("More than %(count)d applications or users match this name. Type more of it.")
            self.message_user(request, text % {"count": OWNERS_FOUND}, messages.WARNING)
        return models.Q(**{f"{role}__in": found[:OWNERS_FOUND]})

    def response_action(
        self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Run the action if every selected primary key is valid and all rows can be confirmed."""
        if reason := self._not_selectable(request, queryset):
            self.message_user(request, reason, messages.WARNING)
            return None
        return super().response_action(request, queryset, *args, **kwargs)

    def _not_selectable(self, request: HttpRequest, found: Any) -> Any:
        try:
            for selected in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.clean(selected, None)
        except ValidationError:
            return _("A selected row is invalid; select again.")
        across = request.POST.get("select_across") == "1"
        if across and request.POST.get("action") not in self.unconfirmed_actions:
            return too_many_to_confirm(found)
        return ""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list; reject a URL with a number or date too large for the database."""
        try:
            return super().get_changelist_instance(request)
        except (DataError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"owner_filters": ("application", "user"), **(extra_context or {})}
        return self._refusing(super().changelist_view, request, context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form; a change after its validation may make saving impossible."""
        return self._refusing(super().changeform_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._refusing(super().delete_view, request, *args, **kwargs)

    def _refusing(
        self, view: Callable[..., HttpResponse], request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the view's response, or the same page again with a message that says why."""
        if request.method != "POST":
            return view(request, *args, **kwargs)
        try:
            # A log entry written before a refused write is undone, too.
            with transaction.atomic(using=router.db_for_write(LogEntry)):
                return view(request, *args, **kwargs)
        except UserOptionsError as error:
            self.message_user(request, error.translated(), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
