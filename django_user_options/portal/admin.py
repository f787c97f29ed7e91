"""The admin of application pages and of the users who have opened them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from django_user_options.admin.base_admin import BaseAdmin, link
from django_user_options.admin.owner_fields import ApplicationFilter, UserFilter
from django_user_options.portal.models import ApplicationPage, ApplicationVisit

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(ApplicationPage)
class ApplicationPageAdmin(BaseAdmin):
    """Edits application pages; the model refuses origins that an application does not list."""

    fields = ("application", "title", "address", "install_address", "installed")
    list_display = ("title", "application", "address", "installed", "open")
    list_filter = ("installed", ApplicationFilter)
    list_select_related = ("application",)
    ordering = ("title",)
    raw_id_fields = ("application",)
    search_fields = ("title", "address")

    @admin.display(description=_("page"))
    def open(self, page: ApplicationPage) -> Any:
        return link(page.get_absolute_url(), _("Open"))


@admin.register(ApplicationVisit)
class ApplicationVisitAdmin(BaseAdmin):
    """Lists visits; when one is deleted, the application greets its user again."""

    fields = list_display = ("user", "application", "opened_at", "first_run")
    list_filter: ClassVar = ("first_run", ApplicationFilter, UserFilter)
    list_select_related = ("user", "application")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
