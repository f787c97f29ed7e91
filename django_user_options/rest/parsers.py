"""A request's parameters, read once, from the query string and from the body."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import RawPostDataException, UnreadablePostError
from django.http.multipartparser import (  # type: ignore[attr-defined]
    FIELD,
    FILE,
    ChunkIter,
    InterBoundaryIter,
    LazyStream,
    MultiPartParserError,
    parse_boundary_stream,
)

from django_user_options.rest.brackets import check_field_count, nest, parse_brackets
from django_user_options.rest.refusals import BodyTooLargeError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http import HttpRequest

_MAX_PART_HEADER_BYTES = 64 * 1024
_ENDED_EARLY = "The request body ended early"
_UTF8 = re.compile("utf-?8|us-ascii", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the client sent.

    Attributes:
        query: The parameters of the query string.
        body: The parameters of the body.
        repeated: The outermost names that the query or the body has more than once with
            different values. The last value is the one that counts.
    """

    query: Mapping[str, Any] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    repeated: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of_command(cls, values: Mapping[str, Any]) -> Self:
        """Return the parameters of a batch command, which travelled in a body."""
        return cls(query={}, body=values)

    @property
    def merged(self) -> dict[str, Any]:
        """Return the query overlaid by the body, one outermost key by another."""
        return {**self.query, **self.body}


def as_object(value: Any) -> Any:
    """Return the object that a parameter means, or what it is if it means none.

    PHP writes an empty object as `[]` or `""`, and one with index keys as a list.
    """
    if value is None or value == "":
        return {}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return value


def read_parameters(request: HttpRequest) -> Parameters:
    """Return the parameters of a GET or POST; the body of a GET says nothing.

    Raises:
        BodyTooLargeError: The body passes the host's limit.
        InvalidRequestError: The query or the body cannot be read.
        OptionLimitError: A name nests too deeply.
    """
    query = parse_brackets(_query_bytes(request))
    body = _read_body(request) if request.method == "POST" else {}
    return Parameters(query=query, body=body)


def _query_bytes(request: HttpRequest) -> bytes:
    # WSGI hands over raw bytes as Latin-1, ASGI as text.
    encoding = "latin-1" if hasattr(request, "environ") else "utf-8"
    query: str = request.META.get("QUERY_STRING", "")
    return query.encode(encoding, "surrogateescape")


def _read_body(request: HttpRequest) -> dict[str, Any]:
    body = _raw_body(request)
    if not body:
        return {}
    parse = _PARSERS.get(request.content_type or "")
    if parse is None:
        msg = f"Content-Type must be one of {', '.join(_PARSERS)}"
        raise InvalidRequestError(msg)
    content_params = request.content_params or {}
    if not _UTF8.fullmatch(content_params.get("charset", "utf-8")):
        msg = "The request body must be encoded in UTF-8"
        raise InvalidRequestError(msg)
    return parse(body, content_params)


def _raw_body(request: HttpRequest) -> bytes:
    """Return the body, whole and not too large; Django 5.2.0 counts no chunked one."""
    try:
        body = request.body
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except RequestDataTooBig as error:
        raise BodyTooLargeError from error
    except RawPostDataException as error:
        # What it made of the body cannot be trusted: it may have been cut off, or misread.
        msg = "A middleware of the host has read the request body; send JSON or a plain form"
        raise InvalidRequestError(msg) from error
    except (UnreadablePostError, ValueError) as error:
        raise InvalidRequestError(_ENDED_EARLY) from error
    _check_arrival(request, len(body), announced)
    return body


def _check_arrival(request: HttpRequest, received: int, announced: int) -> None:
    maximum = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if maximum is not None and received > maximum:
        raise BodyTooLargeError
    if received < announced:
        raise InvalidRequestError(_ENDED_EARLY)
    if not received and "HTTP_TRANSFER_ENCODING" in request.META:
        # WSGI has no chunked bodies: Django reads nothing, which would pass for no parameters.
        msg = "Send the request body with a Content-Length"
        raise InvalidRequestError(msg)


def _parse_json(body: bytes, _: Mapping[str, str]) -> dict[str, Any]:
    try:
        value = _DECODER.decode(body.decode())
    except RecursionError:
        msg = "The request body is nested too deeply"
        raise InvalidRequestError(msg) from None
    except ValueError:
        msg = "The request body is not valid JSON in UTF-8"
        raise InvalidRequestError(msg) from None
    if isinstance(value, dict):
        return value
    if value == []:
        return {}
    msg = "The request body must be a JSON object"
    raise InvalidRequestError(msg)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


# Made once: `json.loads` would make one for every body.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _parse_form(body: bytes, _: Mapping[str, str]) -> dict[str, Any]:
    return parse_brackets(body)


def _parse_multipart(body: bytes, content_params: Mapping[str, str]) -> dict[str, Any]:
    boundary = content_params.get("boundary", "")
    if not boundary.isascii() or not 0 < len(boundary) <= 200:  # noqa: PLR2004
        msg = "The boundary of multipart/form-data is missing or invalid"
        raise InvalidRequestError(msg)
    try:
        if f"--{boundary}--" not in body.decode():
            raise ValueError(boundary)
        return nest(_multipart_pairs(body, boundary.encode()))
    except UnicodeDecodeError:
        msg = "Parameters must be encoded in UTF-8"
        raise InvalidRequestError(msg) from None
    except (MultiPartParserError, ValueError):
        msg = "The request body is not valid multipart/form-data"
        raise InvalidRequestError(msg) from None


def _multipart_pairs(body: bytes, boundary: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and value of each field.

    Django's `MultiPartParser` allows fewer fields than one call may name keys, and shorter
    names than keys may be, so what it is made of is used without it.
    """
    parts = InterBoundaryIter(LazyStream(ChunkIter(BytesIO(body))), b"--" + boundary)
    for count, part in enumerate(parts):
        check_field_count(count)
        kind, headers, stream = parse_boundary_stream(part, _MAX_PART_HEADER_BYTES)
        if kind == FILE:
            msg = "Files are not accepted; send the value as a field"
            raise InvalidRequestError(msg)
        content = bytes(stream.read())
        if kind == FIELD:
            name: Any = headers["content-disposition"][1].get("name", b"")
            yield name.decode(), content.decode()
        elif content.strip() not in {b"", b"--"}:
            # A part whose headers say nothing; what it holds must not vanish silently.
            raise ValueError(kind)


_PARSERS: Mapping[str, Callable[[bytes, Mapping[str, str]], dict[str, Any]]] = {
    "application/json": _parse_json,
    "application/x-www-form-urlencoded": _parse_form,
    "multipart/form-data": _parse_multipart,
}
