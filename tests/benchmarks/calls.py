"""Owners with tokens, and calls to the host's handler in this process, without a client's costs."""

from __future__ import annotations

import io
import itertools
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

if TYPE_CHECKING:
    from collections.abc import Iterable

_VALUES = ("dark", 12, True, ["name", "date", "size"], {"column": "name", "descending": False})
_versions = itertools.count()


def keys(count: int) -> list[str]:
    """Return that many keys."""
    return [f"option-{number:03}" for number in range(count)]


def options(names: Iterable[str]) -> dict[str, Any]:
    """Return options of every type; each fifth value is one that no other call has."""
    version = next(_versions)
    return {
        name: _VALUES[number % len(_VALUES)] if number % len(_VALUES) else f"version {version}"
        for number, name in enumerate(names)
    }


@dataclass(frozen=True)
class Owner:
    """An application and a user, and the token of both."""

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
    """Create a user of the application, and a token."""
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


@dataclass(frozen=True)
class Call:
    """One call: where, what and by whom."""

    path: str
    parameters: Any
    token: str
    method: str = "POST"

    @property
    def body(self) -> bytes:
        """The parameters as JSON; a GET has none."""
        return b"" if self.method == "GET" else json.dumps(self.parameters).encode()

    def environ(self) -> dict[str, Any]:
        """Return what a WSGI server hands to the host; good for one call only."""
        body = self.body
        return {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
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

    def on_the_wire(self) -> bytes:
        """Return the bytes that a client sends."""
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: benchmark\r\n"
            f"Accept: application/json\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


class CallFailedError(Exception):
    """A call was answered with something else than 200."""


class Host:
    """The host, called as its server would call it."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def answer(self, environ: dict[str, Any]) -> bytes:
        """Answer one call, to the end of the response's life.

        Raises:
            CallFailedError: The status is not 200.
        """
        response = self._handler(environ, _ignore)
        content = b"".join(response)
        response.close()
        if response.status_code != HTTPStatus.OK:
            raise CallFailedError(response.status_code, content[:500])
        return content


def _ignore(*_: Any) -> None:
    """Stand in for the server's `start_response`."""
