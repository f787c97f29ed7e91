"""System checks of the portal; `django_user_options/checks/README.md` lists them."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse

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


@register()
def check_urls(**_: Any) -> list[CheckMessage]:
    """E020, E021: the addresses are the ones that applications in frames call."""
    return [
        Error(
            f"{name} is not at {address}, so applications in frames do not work.",
            hint=f"Add {line} to the urls of the project.",
            id=f"django_user_options.{code}",
        )
        for code, (name, argument, address, line) in _URLS.items()
        if _address(name, argument) != address
    ]


def _address(name: str, argument: str) -> str | None:
    try:
        return reverse(name, args=[argument])
    except NoReverseMatch:
        return None
