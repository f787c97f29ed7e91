"""What `check --deploy` advises."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils.log import RequireDebugTrue

from django_user_options.log_filters import HideSecrets
from tests.checks.messages import ids

if TYPE_CHECKING:
    from collections.abc import Iterator


class FastHasher(PBKDF2PasswordHasher):
    algorithm = "fast"
    iterations = 1


def deployment_ids(name: str) -> list[str]:
    return [found for found in ids(include_deployment_checks=True) if found == name]


@pytest.mark.parametrize(
    ("hasher", "found"),
    [("default", ["W006"]), ("md5", ["W006"]), ("fast", []), ("unknown", [])],
)
def test_w006_client_secrets_are_hashed_like_passwords(
    settings: Any, hasher: str, found: list[str]
) -> None:
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, f"{__name__}.FastHasher"]
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "CLIENT_SECRET_HASHER": hasher}
    assert deployment_ids("W006") == found


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
        assert deployment_ids("W007") == found


def test_w007_handlers_further_up_count_unless_the_logger_has_a_filter() -> None:
    above, made = logging.getLogger("django"), handler()
    above.addHandler(made)
    try:
        with only() as logger:
            assert deployment_ids("W007") == []
            logger.propagate = True
            assert deployment_ids("W007") == ["W007"]
            logger.addFilter(HideSecrets())
            assert deployment_ids("W007") == []
    finally:
        above.removeHandler(made)


@pytest.mark.parametrize(
    ("name", "default", "setting", "better"),
    [
        ("W008", ["W008"], "THROTTLE_STORAGE", "redis://127.0.0.1"),
        ("W009", ["W009"], "CALL_LIMIT", "50 per 25 seconds"),
        ("W010", [], "FAILURE_LIMIT", "1 per 1 second"),
        ("W011", ["W011"], "REQUIRE_HTTPS", True),
        ("W012", ["W012"], "TOKEN_IN_QUERY", False),
    ],
)
def test_w008_to_w012_open_settings(
    settings: Any, name: str, default: list[str], setting: str, better: Any
) -> None:
    assert deployment_ids(name) == default
    settings.USER_OPTIONS = {setting: better}
    assert deployment_ids(name) == []
    settings.USER_OPTIONS = {"FAILURE_LIMIT": ""}
    assert deployment_ids("W010") == ["W010"]


@pytest.mark.parametrize(("proxies", "found"), [(None, ["W013"]), (0, []), (2, [])])
def test_w013_nobody_says_how_many_proxies_there_are(
    settings: Any, proxies: Any, found: list[str]
) -> None:
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    assert deployment_ids("W013") == found


def test_none_of_these_is_said_without_deploy() -> None:
    assert ids() == []
