"""Checks of django-cors-headers, if the project uses it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004

_LABEL = "django_user_options"
_CORS = "corsheaders.middleware.CorsMiddleware"
# It may come before, because it answers only to redirect to HTTPS.
_SECURITY = "django.middleware.security.SecurityMiddleware"


@register()
def check_cors_middleware(**_: Any) -> list[CheckMessage]:
    """W020: the middleware comes before any that answers by itself."""
    if not apps.is_installed("corsheaders"):
        return []
    first = next((name for name in settings.MIDDLEWARE if name != _SECURITY), None)
    if first == _CORS:
        return []
    return [
        Warning(
            "The answers of other middleware have no CORS headers, so a browser hides from the "
            "application why a call failed.",
            hint=f"Put {_CORS!r} first in MIDDLEWARE.",
            id=f"{_LABEL}.W020",
        )
    ]


@register()
def check_cors_settings(**_: Any) -> list[CheckMessage]:
    """W021: clients may read when to repeat a call, and no cookie is sent."""
    if not apps.is_installed("corsheaders"):
        return []
    exposed = {name.lower() for name in getattr(settings, "CORS_EXPOSE_HEADERS", ())}
    if "retry-after" in exposed and not getattr(settings, "CORS_ALLOW_CREDENTIALS", False):
        return []
    return [
        Warning(
            "Applications in a browser cannot read Retry-After, or browsers send cookies to the "
            "REST methods, which do not need any.",
            hint="Add 'Retry-After' to CORS_EXPOSE_HEADERS, and remove CORS_ALLOW_CREDENTIALS.",
            id=f"{_LABEL}.W021",
        )
    ]
