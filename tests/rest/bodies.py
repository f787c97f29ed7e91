"""Requests with bodies, and what the parsers read in them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory

from django_user_options.rest.parsers import Parameters, read_parameters
from tests.contract.encoders import JSON


def post(body: bytes, content_type: str = JSON, query: str = "", **meta: Any) -> Parameters:
    """Return the parameters that are read under WSGI."""
    meta = {"CONTENT_TYPE": content_type, "QUERY_STRING": query, **meta}
    return read_parameters(RequestFactory().generic("POST", "/", body, **meta))


def asgi(query: bytes, body: bytes = b"", **headers: str) -> ASGIRequest:
    """Return a request as an ASGI server makes it."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": query,
        "headers": [(name.encode(), text.encode("latin-1")) for name, text in headers.items()],
    }
    return ASGIRequest(scope, BytesIO(body))
