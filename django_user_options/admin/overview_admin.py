"""The overview, and the pages about people that it leads to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from django_user_options.admin import base_admin, person_pages
from django_user_options.admin.base_admin import BaseAdmin, page_url
from django_user_options.admin.overview_figures import figures, troubled_webhooks
from django_user_options.admin.owner_fields import shown_owners, users_like, visible
from django_user_options.models import AppUserOption, Overview

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


@admin.register(Overview)
class OverviewAdmin(BaseAdmin):
    """Shows the overview in place of a list, to whoever may view options of users."""

    def get_urls(self) -> list[URLPattern]:
        person = base_admin.PERSON_PAGE
        pages = (
            ("person/<str:user>/", person_pages.person_page, person),
            ("person/<str:user>/export/", person_pages.export_page, f"{person}_export"),
            ("person/<str:user>/erase/", person_pages.erase_page, f"{person}_erase"),
        )
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="django_user_options_overview_changelist"),
            *(path(at, view(partial(page, self)), name=name) for at, page, name in pages),
        ]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {"view": self.has_view_permission(request)}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return visible(request, self.admin_site, AppUserOption) is not None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the overview, and the people whom a search found."""
        site = self.admin_site
        options = visible(request, site, AppUserOption)
        if options is None:
            raise PermissionDenied
        term = request.GET.get("q", "").replace("\0", "").strip()
        context = {
            **self.page_context(request),
            **figures(request, site, options),
            "title": _("Overview"),
            "term": term,
            "people": self._people(request, term) if term else [],
            "webhooks": troubled_webhooks(request, site),
        }
        return TemplateResponse(request, "admin/django_user_options/overview.html", context)

    def _people(self, request: HttpRequest, term: str) -> list[tuple[str | None, Any]]:
        model, site = get_user_model(), self.admin_site
        found = shown_owners(request, site, model).filter(
            self.owned_by(request, "pk", users_like(request, site, term))
        )
        people = found.order_by(model.USERNAME_FIELD)
        return [(page_url(site, base_admin.PERSON_PAGE, user), user) for user in people]
