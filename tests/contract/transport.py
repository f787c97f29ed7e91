"""Two ways to send the same bytes: Django's test client, and a socket to a running server."""

from __future__ import annotations

import contextlib
import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.test import Client

if TYPE_CHECKING:
    from collections.abc import Mapping

ORIGIN = "http://testserver"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def in_process(verb: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    given = dict(headers)
    content_type = given.pop("Content-Type", "")
    path, _, query = url.removeprefix(ORIGIN).partition("?")
    response = Client(raise_request_exception=False).generic(
        verb,
        path,
        body,
        content_type=content_type,
        headers=given,
        # The client leaves it out if there is no body.
        CONTENT_TYPE=content_type,
        QUERY_STRING=query,
    )
    return Answer(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        response.content,
    )


def over_a_socket(verb: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    target = f"{address.path}?{address.query}" if address.query else address.path
    length = {"Content-Length": str(len(body))} if body or verb == "POST" else {}
    try:
        # A server may answer a body that is too large before it has read it.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request(verb, target, body or None, {**headers, **length})
        response = connection.getresponse()
        received = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, received, response.read())
    finally:
        connection.close()
