"""Looks for tokens, secrets and values wherever a test may have left them.

`tests/conftest.py` does this for every test. It searches log records and the variables that Django
would mail about them, mails, answers, and other tables than those of options and of the toolkit.
"""

from __future__ import annotations

import json
import logging
import re
import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from django.core import mail
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.db.models.signals import post_save
from django.views.debug import ExceptionCycleWarning, ExceptionReporter
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_grant_model,
    get_refresh_token_model,
)

from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from collections.abc import Iterator

# The form of webhooks' secrets, which makes them easy to find.
WEBHOOK = re.compile("uow_[0-9a-f]{40}")
# Shorter texts occur by chance.
_LENGTH = 16
# What is asked in order to get a secret, and the toolkit's pages.
_SHOWS_SECRETS = re.compile(
    r"/issued/$|/oauth/token|^\w+ /o/|/admin/oauth2_provider/|^POST /portal/"
)
_SECRETS = {
    get_access_token_model(): "token",
    get_refresh_token_model(): "token",
    get_grant_model(): "code",
    get_application_model(): "client_secret",
}
_OPTIONS = {model._meta.db_table for model in (AppOption, AppUserOption)}
_TOOLKIT = {model._meta.db_table for model in _SECRETS}
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE)\s+[\"`]?(?P<table>\w+)")


class Traces(logging.Handler):
    """What one test has left: secrets and values, and the texts that must not contain them."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()
        self.values: set[str] = set()
        # No text may contain a secret; those that clients do not ask for, no value either.
        self.answers: list[str] = []
        self.texts: list[str] = []

    def found(self) -> set[str]:
        """Return the secrets and values that are where they should not be."""
        texts = "\n".join(self.texts)
        everything = "\n".join([texts, *self.answers])
        found = {secret for secret in self.secrets if secret in everything}
        found |= {value for value in self.values if value in texts}
        return found.union(WEBHOOK.findall(everything))

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))
        if record.exc_info:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ExceptionCycleWarning)
                reporter = ExceptionReporter(None, *record.exc_info)
                frames = reporter.get_traceback_data()["frames"]
            # What the page shows of them; rendering it would take long.
            self.texts += [str(frame.get("vars")) for frame in frames]

    def saved(self, sender: Any, instance: Any, **_: Any) -> None:
        secret = getattr(instance, _SECRETS.get(sender, ""), "")
        if len(secret) >= _LENGTH:
            self.secrets.add(secret)

    def answered(self, asked: str, response: Any) -> None:
        text = getattr(response, "content", b"").decode(errors="replace")
        if response.status_code >= 400:
            self.texts.append(text)
        elif not _SHOWS_SECRETS.search(asked):
            self.answers.append(text)

    def executed(self, execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        written = _WRITES.match(sql)
        if written and written["table"] in _OPTIONS and isinstance(params, dict):
            # MariaDB has a parameter for each key and each value.
            numbers = [name[4:] for name in params if name.startswith("key_")]
            named = {params[f"key_{number}"]: params[f"value_{number}"] for number in numbers}
            given = json.loads(params["options"]) if "options" in params else named
            texts = [json.loads(text) for text in given.values() if text[:1] == '"']
            # Some tests give a key the same text as a value.
            self.values |= {text for text in texts if len(text) >= _LENGTH and text not in given}
        elif written and written["table"] not in _OPTIONS | _TOOLKIT:
            self.texts.append(str(params))
        return execute(sql, params, *rest)


@contextmanager
def collected() -> Iterator[Traces]:
    """Collect the traces of the block."""
    traces, get_response = Traces(), BaseHandler.get_response

    def respond(handler: Any, request: Any) -> Any:
        response = get_response(handler, request)
        traces.answered(f"{request.method} {request.path}", response)
        return response

    logger, wrappers = logging.getLogger(), connection.execute_wrappers
    with ExitStack() as stack:
        logger.addHandler(traces)
        stack.callback(logger.removeHandler, traces)
        post_save.connect(traces.saved)
        stack.callback(post_save.disconnect, traces.saved)
        wrappers.append(traces.executed)
        stack.callback(wrappers.remove, traces.executed)
        stack.enter_context(mock.patch.object(BaseHandler, "get_response", respond))
        yield traces
    traces.texts += [str(message.message()) for message in getattr(mail, "outbox", ())]
