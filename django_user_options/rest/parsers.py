"""A request's parameters, read once, from the query string and from the body."""

from __future__ import annotations

import codecs
import json
import re
import sys
from dataclasses import dataclass
from encodings.aliases import aliases
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import RawPostDataException, UnreadablePostError
from multipart import MultipartError, MultipartSegment, PushMultipartParser, header_unquote

from django_user_options.rest.brackets import (
    FieldCount,
    Fields,
    as_object,
    nest,
    parse_brackets,
)
from django_user_options.rest.refusals import BodyTooLargeError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http import HttpRequest

# Longer than the longest bracketed name: 33 keys of 255 characters.
_MAX_PART_HEADER_BYTES = 64 * 1024
_ENDED_EARLY = "The request body ended early"
# Every name that Python knows for UTF-8 or for ASCII, which is part of it.
_UTF8_CODECS = frozenset({"utf_8", "utf_8_sig", "ascii"})
_UTF8 = _UTF8_CODECS.union(name for name, codec in aliases.items() if codec in _UTF8_CODECS)
# Every content coding that IANA has registered, except `identity`.
_COMPRESSIONS = frozenset((
    "aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip",
    "x-compress", "x-gzip", "zstd",
))  # fmt: skip
# What MIME may do to the bytes of a part; its other encodings change none.
_TRANSFER_ENCODINGS = ("base64", "quoted-printable")
# One parameter of a Content-Disposition. It matches in linear time.
_PARAMETER = re.compile(r"""; *([a-zA-Z-]+\*?) *= *("(?:[^"\\]|\\.)*+"|[^"; ]+) *""")
_DISPOSITION = re.compile(f"form-data *((?:{_PARAMETER.pattern}){{0,8}});?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class Parameters:
    """What the client sent; a batch command counts as a body.

    Attributes:
        query: The parameters of the query string.
        body: The parameters of the body.
        repeated: The outermost names that the query or the body has more than once with different
            values. The last value counts.
    """

    query: Mapping[str, Any]
    body: Mapping[str, Any]
    repeated: frozenset[str] = frozenset()

    @property
    def merged(self) -> dict[str, Any]:
        """Return the query with outermost keys overridden by the body."""
        return {**self.query, **self.body}


def read_parameters(request: HttpRequest) -> Parameters:
    """Return the parameters of a GET or POST. The body of a GET is ignored.

    Raises:
        BodyTooLargeError: The body is larger than the project's limit.
        InvalidRequestError: The query or the body cannot be read.
        OptionLimitError: A name nests too deeply.
    """
    # WSGI hands over raw bytes as Latin-1, ASGI as text.
    encoding = "latin-1" if isinstance(request, WSGIRequest) else "utf-8"
    text: str = request.META.get("QUERY_STRING", "")
    query = parse_brackets(text.encode(encoding, "surrogateescape")) if text else Fields()
    body = _read_body(request) if request.method == "POST" else Fields()
    return Parameters(query=query, body=body, repeated=query.repeated | body.repeated)


def _read_body(request: HttpRequest) -> Fields:
    body = _raw_body(request)
    if not body:
        chunked = "HTTP_TRANSFER_ENCODING" in request.META
        if chunked and isinstance(request, WSGIRequest):
            # Under WSGI, Django does not read chunked bodies; they would look empty.
            msg = "Send the request body with a Content-Length"
            raise InvalidRequestError(msg)
        return Fields()
    codings = request.META.get("HTTP_CONTENT_ENCODING")
    if codings and not _COMPRESSIONS.isdisjoint(map(str.strip, codings.lower().split(","))):
        msg = "The request body is compressed; send it without a Content-Encoding"
        raise InvalidRequestError(msg)
    parse = _PARSERS.get(request.content_type or "")
    if parse is None:
        msg = f"Content-Type must be one of {', '.join(filter(None, _PARSERS))}"
        raise InvalidRequestError(msg)
    content_params = request.content_params or {}
    _check_charset(content_params.get("charset"))
    # Some libraries put a byte order mark before all text.
    return parse(body.removeprefix(codecs.BOM_UTF8), content_params)


def _check_charset(charset: str | None) -> None:
    if charset and charset.lower().replace("-", "_") not in _UTF8:
        msg = "The request body must be encoded in UTF-8"
        raise InvalidRequestError(msg)


def _raw_body(request: HttpRequest) -> bytes:
    try:
        body = request.body
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except (RequestDataTooBig, OverflowError, MemoryError) as error:
        # Without the project's limit, the server may try to read whatever length is announced.
        raise BodyTooLargeError from error
    except RawPostDataException as error:
        # Its result cannot be trusted: the body may have been cut off or misread.
        msg = "A middleware of the project has read the request body; send JSON or a plain form"
        raise InvalidRequestError(msg) from error
    except (UnreadablePostError, ValueError) as error:
        raise InvalidRequestError(_ENDED_EARLY) from error
    # Django does not count a chunked body.
    maximum = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if maximum is not None and len(body) > maximum:
        raise BodyTooLargeError
    if len(body) < announced:
        raise InvalidRequestError(_ENDED_EARLY)
    return body


def _parse_json(body: bytes, _: Mapping[str, str]) -> Fields:
    outermost: list[tuple[str, Any]] = []

    def keep_latest(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # The outermost object ends last.
        nonlocal outermost
        outermost = pairs
        return dict(pairs)

    value = _decode_json(body, keep_latest)
    if not isinstance(value, dict | list):
        msg = "The request body must be a JSON object or list"
        raise InvalidRequestError(msg)
    FieldCount().add(len(value))
    if isinstance(value, list):
        # In PHP, a list is an array with index keys.
        return Fields(as_object(value))
    fields = Fields(value)
    fields.repeated = frozenset(
        name
        for name, item in outermost
        if not isinstance(value[name], dict | list) and item != value[name]
    )
    return fields


def _decode_json(body: bytes, object_pairs_hook: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    try:
        return json.loads(
            body.decode(), parse_constant=_refuse_constant, object_pairs_hook=object_pairs_hook
        )
    except RecursionError:
        msg = "The request body is nested too deeply"
    except (UnicodeDecodeError, json.JSONDecodeError):
        msg = "The request body is not valid JSON in UTF-8"
    except ValueError:
        # Only `int` raises a plain ValueError.
        digits = sys.get_int_max_str_digits()
        msg = f"An integer in the request body has more than {digits} digits"
    raise InvalidRequestError(msg)


def _refuse_constant(name: str) -> None:
    raise json.JSONDecodeError(name, "", 0)


def _parse_form(body: bytes, _: Mapping[str, str]) -> Fields:
    return parse_brackets(body)


def is_json_read_as_form(request: HttpRequest) -> bool:
    """Return whether a readable request looks like JSON from a client that set no content type."""
    # The body of a GET has not been read, and may be unreadable.
    if request.method != "POST" or _PARSERS.get(request.content_type or "") is not _parse_form:
        return False
    text = request.body.removeprefix(codecs.BOM_UTF8).strip()
    return text[:1] + text[-1:] in (b"{}", b"[]")


def _parse_multipart(body: bytes, content_params: Mapping[str, str]) -> Fields:
    boundary = content_params.get("boundary", "")
    if not boundary.isascii() or not 0 < len(boundary) <= 200:  # noqa: PLR2004
        msg = "The boundary of multipart/form-data is missing or invalid"
        raise InvalidRequestError(msg)
    try:
        # Checked first, because the parser reports invalid UTF-8 in a name as a malformed header.
        body.decode()
        return nest(_multipart_pairs(body, boundary))
    except UnicodeDecodeError:
        msg = "Parameters must be encoded in UTF-8"
        raise InvalidRequestError(msg) from None
    except MultipartError:
        msg = "The request body is not valid multipart/form-data"
        raise InvalidRequestError(msg) from None


def _multipart_pairs(body: bytes, boundary: str) -> Iterator[tuple[str, str]]:
    name, value = "", b""
    # Strict, because a header of many short lines would otherwise take quadratic time.
    with PushMultipartParser(
        boundary, max_header_size=_MAX_PART_HEADER_BYTES, strict=True
    ) as parser:
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                _check_part(event)
                name, value = _field_name(event), b""
            elif event is None:
                yield name, value.decode()
            else:
                value = bytes(event)


def _check_part(part: MultipartSegment) -> None:
    _check_charset(part.charset)
    coding = part.header("Content-Transfer-Encoding", "").strip().lower()
    if coding in _TRANSFER_ENCODINGS:
        msg = f"A part is encoded in {coding}; send it without a Content-Transfer-Encoding"
        raise InvalidRequestError(msg)


def _field_name(part: MultipartSegment) -> str:
    """Return the name in the part's Content-Disposition.

    The parser itself reads `name=a[b]` as `a`, misses `filename*` and decodes `%22`, which PHP does
    not.
    """
    found = _DISPOSITION.fullmatch(part["Content-Disposition"])
    pairs = _PARAMETER.findall(found[1]) if found else ()
    parameters = {name.lower(): value for name, value in pairs}
    if parameters.keys() & {"filename", "filename*"}:
        msg = "Files are not accepted; send the value as a field"
        raise InvalidRequestError(msg)
    if "name" not in parameters:
        msg = "A part has no name"
        raise MultipartError(msg)
    return str(header_unquote(parameters["name"]))


_PARSERS: Mapping[str, Callable[[bytes, Mapping[str, str]], Fields]] = {
    "application/json": _parse_json,
    "application/x-www-form-urlencoded": _parse_form,
    "multipart/form-data": _parse_multipart,
    # Browsers send this if a script sets no type, as the vendor's library does.
    "text/plain": _parse_form,
    "": _parse_form,
}
