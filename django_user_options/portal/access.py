"""Who may open an application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from django_user_options.rest.permissions import is_user_administrator, may_use

if TYPE_CHECKING:
    from django_user_options.portal.models import ApplicationPage


def reason_to_refuse(user: Any, page: ApplicationPage) -> str:
    """Return why the user may not open the application's page, or an empty text."""
    if not user.is_authenticated:
        return _("Sign in to open this application.")
    if not user.is_active or not may_use(page.application, user):
        return _("You may not open this application.")
    if page.awaits_installation and not is_user_administrator(user):
        return _("An administrator has to install this application first.")
    return ""
