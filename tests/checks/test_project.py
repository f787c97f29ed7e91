"""What `check` says about settings of Django, the toolkit and other packages."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.checks import Tags
from django.utils.log import RequireDebugTrue

from django_user_options.log_filters import HideSecrets
from tests.checks.messages import advice, ids

if TYPE_CHECKING:
    from collections.abc import Iterator

# Django's own checks ask the database what it supports.
pytestmark = pytest.mark.django_db
CORS = "corsheaders.middleware.CorsMiddleware"
SECURITY = "django.middleware.security.SecurityMiddleware"


class FastHasher(PBKDF2PasswordHasher):
    algorithm = "fast"
    iterations = 1


@pytest.mark.parametrize(
    ("hasher", "found"),
    [("default", ["W006"]), ("md5", ["W006"]), ("fast", []), ("unknown", [])],
)
def test_w006_client_secrets_are_hashed_like_passwords(
    settings: Any, hasher: str, found: list[str]
) -> None:
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, f"{__name__}.FastHasher"]
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "CLIENT_SECRET_HASHER": hasher}
    assert advice("W006") == found


@contextmanager
def only(*handlers: logging.Handler) -> Iterator[logging.Logger]:
    """Let the loggers of refused requests reach these handlers alone.

    Not a fixture, as pytest adds a handler of its own to a logger that does not propagate.
    """
    loggers = [logging.getLogger(name) for name in ("django.request", "django.security.csrf")]
    before = [(each.propagate, each.handlers, each.filters) for each in loggers]
    for each in loggers:
        each.propagate, each.handlers, each.filters = False, [], []
    loggers[0].handlers = [*handlers]
    try:
        yield loggers[0]
    finally:
        for each, kept in zip(loggers, before, strict=True):
            each.propagate, each.handlers, each.filters = kept


def handler(level: int = logging.NOTSET, *filters: Any) -> logging.Handler:
    made = logging.StreamHandler()
    made.setLevel(level)
    for each in filters:
        made.addFilter(each)
    return made


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (handler(), ["W007"]),
        (handler(logging.WARNING), ["W007"]),
        (handler(logging.ERROR), []),
        (handler(logging.NOTSET, HideSecrets()), []),
        (handler(logging.NOTSET, RequireDebugTrue()), []),
        (logging.NullHandler(), []),
    ],
    ids=["any level", "warnings", "errors only", "filtered", "only in debug mode", "nowhere"],
)
def test_w007_a_handler_writes_secrets(made: logging.Handler, found: list[str]) -> None:
    with only(made):
        assert advice("W007") == found


def test_w007_parent_handlers_count_unless_the_logger_has_a_filter() -> None:
    above, made = logging.getLogger("django"), handler()
    above.addHandler(made)
    try:
        with only() as logger:
            assert advice("W007") == []
            logger.propagate = True
            assert advice("W007") == ["W007"]
            logger.addFilter(HideSecrets())
            assert advice("W007") == []
    finally:
        above.removeHandler(made)


@pytest.mark.parametrize(("proxies", "found"), [(None, ["W013"]), (0, []), (2, [])])
def test_w013_the_number_of_proxies_is_not_set(
    settings: Any, proxies: Any, found: list[str]
) -> None:
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    assert advice("W013") == found


def test_w001_an_ssl_redirect_of_rest_methods(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert ids() == ["W001"]
    assert ids(tags=[Tags.security]) == ["W001"]
    settings.SECURE_REDIRECT_EXEMPT = [r"^rest/"]
    assert ids() == []


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ([CORS, SECURITY], []),
        ([SECURITY, CORS], []),
        ([SECURITY], ["W020"]),
        (["django.middleware.locale.LocaleMiddleware", CORS], ["W020"]),
    ],
)
def test_w020_other_middleware_comes_first(
    settings: Any, first: list[str], found: list[str]
) -> None:
    rest = [name for name in settings.MIDDLEWARE if name not in (CORS, SECURITY)]
    settings.MIDDLEWARE = [*first, *rest]
    assert ids() == found


def test_w021_headers_that_clients_cannot_read_and_cookies(settings: Any) -> None:
    settings.CORS_EXPOSE_HEADERS = ["retry-after", "X-Total"]
    assert ids() == []
    settings.CORS_ALLOW_CREDENTIALS = True
    assert ids() == ["W021"]
    settings.CORS_ALLOW_CREDENTIALS = False
    del settings.CORS_EXPOSE_HEADERS
    assert ids() == ["W021"]


def test_without_cors_headers_there_is_nothing_to_check(settings: Any) -> None:
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "corsheaders"]
    del settings.CORS_EXPOSE_HEADERS
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != CORS]
    assert ids() == []
