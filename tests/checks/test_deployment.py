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


def test_neither_is_said_without_deploy() -> None:
    assert ids() == []
