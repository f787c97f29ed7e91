"""Every media type, charset, coding and byte order mark that a client can put on a body."""

from __future__ import annotations

import codecs
import encodings
import mimetypes
import pkgutil
from contextlib import suppress
from encodings.aliases import aliases
from typing import Any

import pytest

from django_user_options.rest.parsers import read_parameters
from django_user_options.rest.refusals import InvalidRequestError
from tests.contract.encoders import FORM, JSON, MULTIPART, multipart
from tests.rest.bodies import asgi, post

TEXT = "text/plain"
READ = {"options": {"a": "1"}}
# One body of each type that is read. If a script names no type, browsers send none or plain text.
BODIES = {
    JSON: b'{"options": {"a": "1"}}',
    MULTIPART: multipart([("options[a]", "1")]),
    **dict.fromkeys((FORM, TEXT, ""), b"options[a]=1"),
}
NAMED = [media_type.partition(";")[0] for media_type in BODIES if media_type]
OTHER_TYPES = {
    *(mimetypes.types_map | mimetypes.common_types).values(),
    *("nonsense", "application/ld+json", f"{JSON}, {TEXT}", "\xff", "a" * 5000),
}.difference(NAMED)
CODECS = {*aliases, *(module.name for module in pkgutil.iter_modules(encodings.__path__))}
CHARSETS = {*CODECS, *(name.replace("_", "-").upper() for name in CODECS), "nonsense", "\xff", "'"}
# https://www.iana.org/assignments/http-parameters
CODINGS = (
    "aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip",
    "x-compress", "x-gzip", "zstd",
)  # fmt: skip
# Those of MIME, RFC 2045.
TRANSFER_ENCODINGS = ("7bit", "8bit", "binary", "base64", "quoted-printable")
MARKS = {name: getattr(codecs, name) for name in dir(codecs) if name.startswith("BOM")}


def by_wsgi(body: bytes, media_type: str, **meta: Any) -> Any:
    return post(body, media_type, **meta).body


def by_asgi(body: bytes, media_type: str) -> Any:
    headers = {"content-type": media_type, "content-length": str(len(body))}
    return read_parameters(asgi(b"", body, **headers)).body


def by_asgi_in_chunks(body: bytes, media_type: str) -> Any:
    headers = {"content-type": media_type, "transfer-encoding": "chunked"}
    return read_parameters(asgi(b"", body, **headers)).body


WAYS = (by_wsgi, by_asgi, by_asgi_in_chunks)


def refusal(*arguments: Any, arrive: Any = by_wsgi, **meta: Any) -> str:
    """Return why a body is refused; any other exception would be an internal error."""
    with pytest.raises(InvalidRequestError) as caught:
        arrive(*arguments, **meta)
    return str(caught.value)


def is_utf8(charset: str) -> bool:
    with suppress(LookupError):
        return codecs.lookup(charset).name in {"utf-8", "utf-8-sig", "ascii"}
    return False


@pytest.mark.parametrize("arrive", WAYS)
def test_the_refusal_of_a_type_names_those_that_are_read(arrive: Any) -> None:
    for media_type, body in BODIES.items():
        assert arrive(body, media_type) == READ
    for media_type in OTHER_TYPES:
        reason = refusal(b"options[a]=1", media_type, arrive=arrive)
        assert all(name in reason for name in NAMED), media_type


@pytest.mark.parametrize("arrive", WAYS)
def test_an_empty_body_of_any_type_has_no_parameters(arrive: Any) -> None:
    for media_type in (*BODIES, *OTHER_TYPES):
        assert arrive(b"", media_type) == {}, media_type


@pytest.mark.parametrize("media_type", BODIES)
def test_a_body_in_chunks_that_wsgi_withholds_is_refused(media_type: str) -> None:
    assert "Content-Length" in refusal(b"", media_type, HTTP_TRANSFER_ENCODING="chunked")


@pytest.mark.parametrize("media_type", BODIES)
def test_every_name_of_utf_8_is_known_and_any_other_charset_refused(media_type: str) -> None:
    body = BODIES[media_type]
    for charset in CHARSETS:
        typed = f"{media_type}; charset={charset}"
        if is_utf8(charset):
            assert by_wsgi(body, typed) == READ, typed
        else:
            assert "must be encoded in UTF-8" in refusal(body, typed), typed


@pytest.mark.parametrize("media_type", BODIES)
@pytest.mark.parametrize(
    "parameters", ["", ";", ";charset=", '; charset=""; x=y', ';CharSet="Utf-8"', ";\tx = y ;;"]
)
def test_type_may_be_written_in_any_case_with_parameters(media_type: str, parameters: str) -> None:
    assert by_wsgi(BODIES[media_type], media_type + parameters) == READ
    assert by_wsgi(BODIES[media_type], media_type.replace("a", "A", 1) + parameters) == READ


@pytest.mark.parametrize("media_type", BODIES)
def test_every_coding_is_refused_by_its_header(media_type: str) -> None:
    for coding in CODINGS:
        for header in (coding, coding.upper(), f"identity , {coding}", f"{coding}, {coding}"):
            reason = refusal(b"\x1f\x8b\x08", media_type, HTTP_CONTENT_ENCODING=header)
            assert "Content-Encoding" in reason, header
    for header in ("", "identity", "utf-8"):
        assert by_wsgi(BODIES[media_type], media_type, HTTP_CONTENT_ENCODING=header) == READ


@pytest.mark.parametrize("encoding", TRANSFER_ENCODINGS)
def test_a_part_is_read_or_its_transfer_encoding_refused(encoding: str) -> None:
    header = f"Content-Transfer-Encoding: {encoding.title()}\r\n".encode()
    body = BODIES[MULTIPART].replace(b"Content-Disp", header + b"Content-Disp")
    if encoding in {"base64", "quoted-printable"}:
        assert f"encoded in {encoding};" in refusal(body, MULTIPART)
    else:
        assert by_wsgi(body, MULTIPART) == READ


@pytest.mark.parametrize("media_type", BODIES)
@pytest.mark.parametrize("mark", MARKS)
def test_a_byte_order_mark_is_that_of_utf_8_or_refused(media_type: str, mark: str) -> None:
    body = MARKS[mark] + BODIES[media_type]
    if mark == "BOM_UTF8":
        assert by_wsgi(body, media_type) == READ
    else:
        assert "UTF-8" in refusal(body, media_type)
        encoding = "utf_32" if len(MARKS[mark]) == 4 else "utf_16"
        assert "UTF-8" in refusal(BODIES[media_type].decode().encode(encoding), media_type)
