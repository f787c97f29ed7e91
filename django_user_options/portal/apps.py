"""The entry in `INSTALLED_APPS` of projects that open applications in frames, and its check."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

# By id: a URL's name, its argument, the address that applications know, and what to add for it.
_URLS = {
    "E020": (
        "user_options_portal:page",
        "id",
        "/portal/id/",
        "path('', include('django_user_options.portal.urls'))",
    ),
    "E021": (
        "django_user_options:method",
        "profile",
        "/rest/profile",
        "path('rest/', include('django_user_options.rest.urls'))",
    ),
}


class PortalConfig(AppConfig):
    """Names the app and registers its system check."""

    name = "django_user_options.portal"
    label = "user_options_portal"
    verbose_name = _("Application pages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(check_urls)


def check_urls(**_: Any) -> list[CheckMessage]:
    """E020, E021: the addresses are the ones that applications in frames call."""
    found: list[CheckMessage] = []
    for code, (name, argument, address, line) in _URLS.items():
        try:
            is_there = reverse(name, args=[argument]) == address
        except NoReverseMatch:
            is_there = False
        if not is_there:
            found.append(
                Error(
                    f"{name} is not at {address}, so applications in frames do not work.",
                    hint=f"Add {line} to the urls of the project.",
                    id=f"django_user_options.{code}",
                )
            )
    return found
