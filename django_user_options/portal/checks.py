"""System checks of the portal; `django_user_options/checks/README.md` lists them."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse


@register()
def check_urls(**_: Any) -> list[CheckMessage]:
    """E020, E021: the addresses are the ones that applications in frames call."""
    found: list[CheckMessage] = []
    for code, name, arguments, address, module in (
        ("E020", "user_options_portal:page", ["id"], "/portal/id/", "portal.urls"),
        ("E021", "django_user_options:method", ["profile"], "/rest/profile", "rest.urls"),
    ):
        try:
            actual: str | None = reverse(name, args=arguments)
        except NoReverseMatch:
            actual = None
        if actual != address:
            place = address.split("/")[1] + "/" if code == "E021" else ""
            found.append(
                Error(
                    f"{address} is not the address of {name}, so applications in frames do not "
                    "work.",
                    hint=f"Add path({place!r}, include('django_user_options.{module}')) to the "
                    "urls of the project.",
                    id=f"django_user_options.{code}",
                )
            )
    return found
