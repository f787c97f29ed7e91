"""Owners with tokens, and calls to the host's handler in this process, without a client's costs."""

from __future__ import annotations

import io
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

if TYPE_CHECKING:
    from collections.abc import Iterable

_VALUES = ("dark", 12, True, ["name", "date", "size"], {"column": "name", "descending": False})


def options(keys: Iterable[str], version: int = 0) -> dict[str, Any]:
    """Return an option for each key: text, number, bool, list and object in turn."""
    return {
        key: _VALUES[number % len(_VALUES)] if number % 5 else f"value {version} of {key}"
        for number, key in enumerate(keys)
    }


def keys(count: int, prefix: str = "option") -> list[str]:
    """Return that many keys."""
    return [f"{prefix}-{number:03}" for number in range(count)]


@dataclass(frozen=True)
class Owner:
    """An application, a user and the token of both."""

    application: Any
    user: Any
    token: str


def make_application() -> Any:
    """Create an application."""
    return get_application_model().objects.create(
        name="Benchmark",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="secret",
        hash_client_secret=False,
    )


def make_owner(application: Any) -> Owner:
    """Create a user of the application, with a token."""
    token = secrets.token_urlsafe(24)
    user = get_user_model().objects.create(username=token)
    get_access_token_model().objects.create(
        application=application,
        user=user,
        token=token,
        scope="basic",
        expires=timezone.now() + timedelta(days=1),
    )
    return Owner(application, user, token)


def environ(path: str, body: bytes, token: str, method: str = "POST") -> dict[str, Any]:
    """Return what a WSGI server hands to the host for one call; good for one call only."""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "HTTP_ACCEPT": "application/json",
        "HTTP_USER_AGENT": "benchmark",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def body_of(parameters: Any) -> bytes:
    """Return a JSON body."""
    return json.dumps(parameters).encode()


class CallFailedError(Exception):
    """A call was answered with something else than 200."""


class Host:
    """The host, called as its server would call it."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def call(self, request: dict[str, Any]) -> bytes:
        """Answer one call, to the end of the response's life.

        Raises:
            CallFailedError: The status is not 200.
        """
        response = self._handler(request, _ignore)
        content = b"".join(response)
        response.close()
        if response.status_code != 200:
            raise CallFailedError(response.status_code, content[:500])
        return content


def _ignore(*_: Any) -> None:
    """Stand in for the server's `start_response`."""
