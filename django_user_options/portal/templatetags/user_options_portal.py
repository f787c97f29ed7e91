"""`{% application_frame page %}` shows an application in any page of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from django_user_options.portal.developer.panel import is_developer, panel_context
from django_user_options.portal.models import origin_of
from django_user_options.portal.page_views import reason_to_refuse

if TYPE_CHECKING:
    from django_user_options.portal.models import ApplicationPage

register = template.Library()


@register.inclusion_tag("user_options_portal/frame.html", takes_context=True)
def application_frame(context: Any, page: ApplicationPage) -> dict[str, Any]:
    """Show the application's page in a frame, or why the user may not open it."""
    reason = reason_to_refuse(context["request"].user, page)
    return {**context.flatten(), "page": page, "refusal": reason}


@register.inclusion_tag("user_options_portal/developer_panel.html", takes_context=True)
def developer_panel(context: dict[str, Any], page: ApplicationPage) -> dict[str, Any]:
    """Show buttons and a log to developers, and nothing to anybody else."""
    request = context["request"]
    return panel_context(request, page) if is_developer(request) else {}


@register.simple_tag
def content_policy(page: ApplicationPage) -> str:
    """Return the Content-Security-Policy of a page that shows the application.

    A frame may show the application's origin only, and the first form goes there.
    """
    origin = origin_of(page.opened_address)
    return f"frame-src {origin}; form-action 'self' {origin}; object-src 'none'; base-uri 'self'"
