"""Parameters as clients put them on the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "----contract-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def flat(params: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield bracketed names with values in the order of PHP's `http_build_query`."""
    for key, value in params.items():
        name = f"{prefix}[{key}]" if prefix else key
        children = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(children, dict):
            yield from flat(children, name)
        elif children is not None:
            yield name, str(int(children)) if isinstance(children, bool) else str(children)


def form(params: Mapping[str, Any]) -> str:
    """Return the form body or the query string of the parameters."""
    return urlencode(list(flat(params)))


def multipart(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return the body of a form with these fields, quotes in names escaped as curl does."""
    parts = []
    for name, value in fields:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        disposition = f'Content-Disposition: form-data; name="{quoted}"'
        parts.append(f"--{BOUNDARY}\r\n{disposition}\r\n\r\n{value}\r\n")
    return "".join((*parts, f"--{BOUNDARY}--\r\n")).encode()


def encode(params: Mapping[str, Any], encoding: str) -> tuple[str, bytes]:
    """Return content type and body."""
    if encoding == "json":
        return JSON, json.dumps(params).encode()
    if encoding == "form":
        return FORM, form(params).encode()
    return MULTIPART, multipart(flat(params))
