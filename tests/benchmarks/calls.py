"""Calls to Django's handler in this process, without a client's costs."""

from __future__ import annotations

import io
import itertools
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults

from django.core.handlers.wsgi import WSGIHandler

if TYPE_CHECKING:
    from collections.abc import Iterable

_VALUES = ("dark", 12, True, ["name", "date", "size"], {"column": "name", "descending": False})
_versions = itertools.count()


def keys(count: int) -> list[str]:
    return [f"option-{number:03}" for number in range(count)]


def options(names: Iterable[str]) -> dict[str, Any]:
    """Return options of every type; each fifth value is one that no other call has."""
    version = next(_versions)
    return {
        name: _VALUES[number % len(_VALUES)] if number % len(_VALUES) else f"version {version}"
        for number, name in enumerate(names)
    }


@dataclass(frozen=True)
class Call:
    path: str
    parameters: Any
    token: str
    method: str = "POST"

    @property
    def body(self) -> bytes:
        """The parameters as JSON; a GET has none."""
        return b"" if self.method == "GET" else json.dumps(self.parameters).encode()

    def environ(self) -> dict[str, Any]:
        """Return what a WSGI server hands to the project; good for one call only."""
        environ = {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(self.body)),
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "HTTP_ACCEPT": "application/json",
            "wsgi.input": io.BytesIO(self.body),
        }
        setup_testing_defaults(environ)
        return environ


class CallFailedError(Exception):
    """The status of an answer was not 200."""


class Project:
    """The project, called as its server would call it."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def answer(self, environ: dict[str, Any]) -> bytes:
        """Answer one call, to the end of the response's life.

        Raises:
            CallFailedError: The status is not 200.
        """
        response = self._handler(environ, lambda *_: None)
        content = b"".join(response)
        response.close()
        if response.status_code != HTTPStatus.OK:
            raise CallFailedError(response.status_code, content[:500])
        return content
