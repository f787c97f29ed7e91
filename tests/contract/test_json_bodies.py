"""JSON and the type of a body: what is read, and what is refused and writes nothing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.contract.encoders import FORM, JSON, MULTIPART, form, multipart
from tests.contract.table import (
    CANARY,
    DONE,
    EMPTY,
    NO_JSON,
    NOT_FOUND,
    TOO_LARGE,
    Call,
    Row,
    error,
    ok,
    table,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET = "user.option.set", "user.option.get"
STORED = {"kept": "as it was"}
TYPE, REQUEST = "ArgumentTypeException", "INVALID_REQUEST"
NO_OBJECT = error(REQUEST, "The request body must be a JSON object or list")
TOO_DEEP = error(REQUEST, "The request body is nested too deeply")
OTHER_CHARSET = error(REQUEST, "The request body must be encoded in UTF-8")
COMPRESSED = error(REQUEST, "The request body is compressed; send it without a Content-Encoding")
MEDIA_TYPE = error(
    REQUEST,
    "Content-Type must be one of application/json, application/x-www-form-urlencoded, "
    "multipart/form-data, text/plain",
)
DIGITS = error(REQUEST, "An integer in the request body has more than 4300 digits")
NOT_FINITE = error(TYPE, "options[a] must be finite numbers of at most 4,300 digits, and no loop")
GOOD = b'{"options": {"a": "%s"}}' % CANARY.encode()
BOM = b"\xef\xbb\xbf"


def sent(raw: bytes, media_type: str | None = JSON, coding: str = "") -> Call:
    headers = {"Content-Type": media_type} if media_type is not None else {}
    coded = {"Content-Encoding": coding} if coding else {}
    return Call(SET, raw=raw, headers={**headers, **coded})


def value(text: bytes) -> bytes:
    return b'{"options": {"a": %s}}' % text


BODIES = [
    *(
        (sent(raw), NO_JSON)
        for raw in (
            *(b"{", b"\0", b"{]", b"{'options': {'a': 1}}", b"options[a]=1", GOOD + b"x", GOOD * 2),
            *(value(b'"\xed\xa0\x80"'), BOM * 2 + GOOD, BOM),
            *map(value, (b"NaN", b"Infinity", b"-Infinity", b"01")),
        )
    ),
    (sent(value(b"9" * 5000)), DIGITS),
    *((sent(value(text)), NOT_FINITE) for text in (b"1e999", b"-1e999", b'{"b": [1e999]}')),
    *((sent(raw), NO_OBJECT) for raw in (b"5", b"true", b"null", b'"canary-5e1f"')),
    *(
        (sent(raw), TOO_DEEP)
        for raw in (
            b"[" * 100_000,
            b'{"options":' * 100_000,
            value(b"[" * 100_000 + b"]" * 100_000),
        )
    ),
    *((sent(raw), EMPTY) for raw in (b"[1]", b"[[]]", b"[%s]" % GOOD, b"{}", b"[]", b"")),
]
# tests/rest/test_every_body.py goes through all types, charsets and codings.
TYPES = [
    (sent(GOOD, "text/html"), MEDIA_TYPE),
    *(
        (sent(GOOD, f"{media_type}; charset=windows-1251"), OTHER_CHARSET)
        for media_type in (JSON, FORM, MULTIPART, "text/plain")
    ),
    (sent(b"\x1f\x8b\x08", JSON, "gzip"), COMPRESSED),
]
ONE = b'{"options": {"a": "1"}}'
READ = [
    *((ONE, JSON), (BOM + ONE, JSON), (multipart([("options[a]", "1")]), MULTIPART)),
    *((b"options[a]=1", media_type) for media_type in (FORM, "text/plain;charset=UTF-8", "", None)),
    (BOM + b"options[a]=1", FORM),
]


def test_unusable_json_is_refused(server: Server) -> None:
    server.check_unchanged(BODIES, STORED, status=400)


def test_body_of_another_type_or_charset_or_compressed_is_refused(server: Server) -> None:
    server.check_unchanged(TYPES, STORED, status=400)


@pytest.mark.parametrize("media_type", [JSON, FORM, MULTIPART, "text/plain"])
def test_body_that_is_too_large_is_refused(media_type: str, server: Server) -> None:
    server.expect(sent(b"x" * 3_000_000, media_type), TOO_LARGE, 413)


@table(
    [
        *(
            Row(f"{media_type} {raw[:3]!r}", sent(raw, media_type), 200, DONE, left={"a": "1"})
            for raw, media_type in READ
        ),
        Row("list of texts", sent(b'{"options": [""]}'), 200, DONE, left={"0": ""}),
        Row("list", sent(b'{"options": {"a": [""]}}'), 200, DONE, left={"a": [""]}),
    ]
)
def test_body_is_read(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.parametrize(
    ("seed", "media_type"), [(0, JSON), (4, FORM), (7, MULTIPART), (7, "text/plain"), (4, None)]
)
def test_random_bytes_are_refused(seed: int, media_type: str | None, server: Server) -> None:
    raw = random.Random(seed).randbytes(2 ** (seed + 2))
    answer = server.send(sent(raw, media_type))
    assert answer.status == 400
    assert set(answer.json) == {"error", "error_description"}
    assert server.stored() == {}


def test_unreadable_body_comes_before_credentials_and_unknown_methods(server: Server) -> None:
    headers = {"Content-Type": JSON}
    for method, credential in ((SET, None), ("x", None), ("x", "webhook")):
        call = Call(method, raw=b"{", credential=credential, headers=headers)
        server.expect(call, NO_JSON, 400)
    server.expect(Call("x", raw=b"[1]", headers=headers), NOT_FOUND, 404)
    server.check_unchanged([(Call(GET, raw=b'["kept"]', headers=headers), ok(STORED))], STORED)


def test_markup_and_sql_are_only_texts(server: Server) -> None:
    text = "<script>alert(1)</script>' OR '1'='1'; DROP TABLE x; --"
    server.store(STORED)
    for name in ("auth", "user_id", "option", "options", "cmd", "halt", "x"):
        for method in (GET, "user.option.delete", "batch", "methods"):
            answer = server.send(Call(method, encoding="query", query=form({name: text})))
            assert answer.status in (200, 400)
            assert text not in answer.content.decode()
    assert server.stored() == STORED
