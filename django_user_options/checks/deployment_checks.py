"""Advice of `check --deploy`: which settings leave a project open to guesses, floods and leaks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import get_hasher
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004
from django.utils.log import RequireDebugTrue
from oauth2_provider.settings import oauth2_settings
from rest_framework.settings import api_settings

from django_user_options.conf import MEMORY, conf
from django_user_options.log_filters import HideSecrets

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL = "django_user_options"
# The id, the setting, the value that is advised against, why, and what to do.
_ADVICE: Sequence[tuple[str, str, Any, str, str]] = (
    (
        "W008",
        "THROTTLE_STORAGE",
        MEMORY,
        "Each process counts calls and failures for itself, so more of them pass than the limits "
        "say.",
        "Set it to the URL of a Redis, unless the project is served by a single process.",
    ),
    (
        "W009",
        "CALL_LIMIT",
        "",
        "One application can keep the server busy, because nothing limits its calls.",
        "Set it, for instance to '50 per 25 seconds', unless a proxy limits calls.",
    ),
    (
        "W010",
        "FAILURE_LIMIT",
        "",
        "Nothing limits how many credentials one address may try.",
        "Set it, for instance to '100 per 10 minutes'.",
    ),
    (
        "W011",
        "REQUIRE_HTTPS",
        False,
        "Calls over plain HTTP are answered, so that the network can read their credentials.",
        "Set it to True.",
    ),
    (
        "W012",
        "TOKEN_IN_QUERY",
        True,
        "The query may contain tokens and client secrets, which servers and proxies write to logs.",
        "Set it to False, unless clients such as the SDKs of Bitrix24 need it.",
    ),
)


@register(Tags.security, deploy=True)
def check_open_settings(**_: Any) -> Sequence[CheckMessage]:
    """W008 to W012: settings of this package whose defaults suit development."""
    return [
        Warning(f"USER_OPTIONS[{setting!r}]: {problem}", hint=hint, id=f"{_LABEL}.{number}")
        for number, setting, advised_against, problem, hint in _ADVICE
        if getattr(conf, setting.lower()) == advised_against
    ]


@register(Tags.security, deploy=True)
def check_proxies(**_: Any) -> Sequence[CheckMessage]:
    """W013: the project says how many proxies are in front of it."""
    if api_settings.NUM_PROXIES is not None:
        return []
    return [
        Warning(
            "The addresses of clients are those of their connections. Behind a proxy, that is the "
            "proxy's, so that no address can be throttled or banned.",
            hint="Set REST_FRAMEWORK['NUM_PROXIES'] to the number of proxies; 0 means none.",
            id=f"{_LABEL}.W013",
        )
    ]


@register(Tags.security, deploy=True)
def check_client_secret_hasher(**_: Any) -> Sequence[CheckMessage]:
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
def check_log_filters(**_: Any) -> Sequence[CheckMessage]:
    """W007: Django's loggers of refused requests do not write webhook secrets."""
    return [
        Warning(
            f"The logger {name!r} writes addresses of requests, and with them the secrets of "
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
