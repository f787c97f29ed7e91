"""Checks of settings of Django, the toolkit, REST framework and django-cors-headers."""

from __future__ import annotations

import logging
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004
from django.utils.log import RequireDebugTrue
from oauth2_provider.settings import oauth2_settings
from rest_framework.settings import api_settings

from django_user_options.log_filters import HideSecrets

_LABEL = "django_user_options"
_CORS = "corsheaders.middleware.CorsMiddleware"
# It may come before, because it answers only to redirect to HTTPS.
_SECURITY = "django.middleware.security.SecurityMiddleware"


@register(Tags.security)
def check_ssl_redirect(**_: Any) -> list[CheckMessage]:
    """W001: SSL redirects exclude the REST methods, because clients do not follow them."""
    if not settings.SECURE_SSL_REDIRECT or settings.SECURE_REDIRECT_EXEMPT:
        return []
    return [
        Warning(
            "SECURE_SSL_REDIRECT redirects calls of REST methods, which clients do not follow.",
            hint=(
                "Add the prefix of the REST methods to SECURE_REDIRECT_EXEMPT, for instance "
                "r'^rest/', and set USER_OPTIONS['REQUIRE_HTTPS'] to True."
            ),
            id=f"{_LABEL}.W001",
        )
    ]


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


@register(Tags.security, deploy=True)
def check_proxies(**_: Any) -> list[CheckMessage]:
    """W013: the project says how many proxies are in front of it."""
    if api_settings.NUM_PROXIES is not None:
        return []
    return [
        Warning(
            "The addresses of clients are those of their connections. Behind a proxy, that is the "
            "proxy's, so no address can be throttled or banned.",
            hint="Set REST_FRAMEWORK['NUM_PROXIES'] to the number of proxies; 0 means none.",
            id=f"{_LABEL}.W013",
        )
    ]


@register(Tags.security, deploy=True)
def check_client_secret_hasher(**_: Any) -> list[CheckMessage]:
    """W006: checking a client secret does not take as long as checking a password."""
    try:
        hasher = get_hasher(oauth2_settings.CLIENT_SECRET_HASHER)
    except ValueError:
        # With this name, the toolkit cannot save any application.
        return []
    if hasher.algorithm != get_hasher().algorithm:
        return []
    return [
        Warning(
            "Client secrets are hashed like passwords, so each call of the token endpoint with a "
            "guessed secret costs as much CPU time as a login.",
            hint=(
                "Client secrets are long and random, so a fast hash protects them. Add a subclass "
                "of PBKDF2PasswordHasher with `iterations = 1` and an `algorithm` of its own to "
                "the end of PASSWORD_HASHERS, and name that algorithm in "
                "OAUTH2_PROVIDER['CLIENT_SECRET_HASHER']."
            ),
            id=f"{_LABEL}.W006",
        )
    ]


@register(Tags.security, deploy=True)
def check_log_filters(**_: Any) -> list[CheckMessage]:
    """W007: Django's loggers of refused requests do not write webhook secrets."""
    return [
        Warning(
            f"The logger {name!r} writes request URLs, and with them the secrets of "
            "webhooks whose URL was misspelled.",
            hint=f"Add the filter {HideSecrets.__module__}.HideSecrets to this logger in LOGGING.",
            id=f"{_LABEL}.W007",
        )
        for name in ("django.request", "django.security.csrf")
        if not _hides_secrets(logging.getLogger(name))
    ]


def _hides_secrets(logger: logging.Logger) -> bool:
    handlers: list[logging.Handler] = []
    above: logging.Logger | None = logger
    while above is not None:
        handlers += above.handlers
        above = above.parent if above.propagate else None
    return _has_filter(logger, HideSecrets) or all(
        _has_filter(handler, HideSecrets, RequireDebugTrue)
        for handler in handlers
        if handler.level <= logging.WARNING and not isinstance(handler, logging.NullHandler)
    )


def _has_filter(filterer: logging.Filterer, *kinds: type) -> bool:
    return any(isinstance(filter_, kinds) for filter_ in filterer.filters)
