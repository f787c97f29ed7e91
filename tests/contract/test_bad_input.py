"""Requests that cannot be read: a clear refusal each, nothing written, never a page."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.encoders import BOUNDARY, FORM, JSON, MULTIPART, form, multipart
from tests.contract.table import CANARY, DONE, EMPTY, NO_JSON, TOO_LARGE, Call, Row, error, table

if TYPE_CHECKING:
    from tests.contract.server import Server

SET = "user.option.set"
STORED = {"kept": "as it was"}
TYPE, REQUEST = "ArgumentTypeException", "INVALID_REQUEST"
NO_OBJECT = error(REQUEST, "The request body must be a JSON object or list")
TOO_DEEP = error(REQUEST, "The request body is nested too deeply")
OTHER_CHARSET = error(REQUEST, "The request body must be encoded in UTF-8")
MEDIA_TYPE = error(
    REQUEST,
    "Content-Type must be one of application/json, application/x-www-form-urlencoded, "
    "multipart/form-data, text/plain",
)
DIGITS = error(REQUEST, "An integer in the request body has more than 4300 digits")
NO_OPTIONS = error("ArgumentNullException", "options is empty")
NOT_FINITE = error(TYPE, "options[a] must be finite numbers of at most 4,300 digits, and no loop")
GOOD = b'{"options": {"a": "%s"}}' % CANARY.encode()


def sent(name: str, media_type: str | None, raw: bytes, body: Any, status: int = 400) -> Row:
    headers = {"Content-Type": media_type} if media_type is not None else {}
    return Row(name, Call(SET, raw=raw, headers=headers), status, body, stored=STORED)


def with_value(value: bytes) -> bytes:
    return b'{"options": {"a": %s}}' % value


JSON_BODIES = [
    sent(f"JSON: {name}", JSON, raw, body)
    for name, raw, body in (
        ("open", b"{", NO_JSON),
        ("NUL", b"\0", NO_JSON),
        ("closed wrongly", b"{]", NO_JSON),
        ("single quotes", b"{'options': {'a': 1}}", NO_JSON),
        ("a form", b"options[a]=1", NO_JSON),
        ("a rest", GOOD + b"x", NO_JSON),
        ("twice", GOOD + GOOD, NO_JSON),
        ("broken UTF-8", b"\xff\xfe", NO_JSON),
        ("surrogate in UTF-8", with_value(b'"\xed\xa0\x80"'), NO_JSON),
        ("UTF-16", GOOD.decode().encode("utf-16"), NO_JSON),
        ("two byte order marks", b"\xef\xbb\xbf" * 2 + GOOD, NO_JSON),
        ("only a byte order mark", b"\xef\xbb\xbf", NO_JSON),
        ("NaN", with_value(b"NaN"), NO_JSON),
        ("Infinity", with_value(b"Infinity"), NO_JSON),
        ("-Infinity", with_value(b"-Infinity"), NO_JSON),
        ("leading zero", with_value(b"01"), NO_JSON),
        ("5,000 digits", with_value(b"9" * 5000), DIGITS),
        ("1e999", with_value(b"1e999"), NOT_FINITE),
        ("-1e999", with_value(b"-1e999"), NOT_FINITE),
        ("1e999 inside", with_value(b'{"b": [1e999]}'), NOT_FINITE),
        ("a number", b"5", NO_OBJECT),
        ("true", b"true", NO_OBJECT),
        ("null", b"null", NO_OBJECT),
        ("a text", b'"' + CANARY.encode() + b'"', NO_OBJECT),
        ("a list", b"[1]", NO_OPTIONS),
        ("a list of a list", b"[[]]", NO_OPTIONS),
        ("a list of objects", b"[" + GOOD + b"]", NO_OPTIONS),
        ("100,000 lists, open", b"[" * 100_000, TOO_DEEP),
        ("100,000 objects, open", b'{"options":' * 100_000, TOO_DEEP),
        ("100,000 lists", with_value(b"[" * 100_000 + b"]" * 100_000), TOO_DEEP),
        ("an empty object", b"{}", EMPTY),
        ("an empty list", b"[]", EMPTY),
        ("nothing", b"", EMPTY),
    )
]
TYPES = [
    sent(f"Content-Type {media_type!r}", media_type, GOOD, MEDIA_TYPE)
    for media_type in (
        "text/html",
        "application/xml",
        "application/octet-stream",
        "application/ld+json",
        "nonsense",
        "application/json, text/plain",
        "\xff",
        "a" * 5000,
    )
]
TYPES += [
    sent(
        f"charset {charset}, {media_type}", f"{media_type}; charset={charset}", GOOD, OTHER_CHARSET
    )
    for media_type, charsets in (
        (JSON, ("utf-16", "windows-1251", "iso-8859-1", "nonsense", "\xff", "utf-7")),
        (FORM, ("utf-16", "windows-1251")),
        (MULTIPART, ("utf-16", "windows-1251")),
    )
    for charset in charsets
]
TYPES += [
    sent(f"3 MB of {media_type}", media_type, b"x" * 3_000_000, TOO_LARGE, 413)
    for media_type in (JSON, FORM, MULTIPART, "text/plain")
]
GOOD_TYPES = [
    Row(
        f"{media_type} {raw[:3]!r}",
        Call(SET, raw=raw, headers={} if media_type is None else {"Content-Type": media_type}),
        200,
        DONE,
        left={"a": "1"},
    )
    for raw, media_types in (
        (
            b'{"options": {"a": "1"}}',
            (
                JSON,
                f"{JSON}; charset=utf-8",
                f'{JSON};charset="UTF-8"',
                "Application/JSON",
                f"{JSON}; charset=utf8",
                f"{JSON}; x=y",
            ),
        ),
        (b'\xef\xbb\xbf{"options": {"a": "1"}}', (JSON,)),
        (b"options[a]=1", (FORM, f"{FORM}; charset=utf-8", f"{FORM}; charset=UTF-8;")),
        (b"options[a]=1", ("text/plain", "text/plain;charset=UTF-8", "", None, ";")),
        (b"\xef\xbb\xbfoptions[a]=1", (FORM,)),
        (
            multipart([("options[a]", "1")]),
            (
                MULTIPART,
                f"{MULTIPART}; charset=utf-8",
                f'multipart/form-data; boundary="{BOUNDARY}"',
            ),
        ),
    )
    for media_type in media_types
]


@table([*JSON_BODIES, *TYPES, *GOOD_TYPES])
def test_body_is_read_or_refused(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.parametrize(
    ("seed", "media_type"), [(0, JSON), (4, FORM), (7, MULTIPART), (7, "text/plain"), (4, None)]
)
def test_random_bytes_are_refused(seed: int, media_type: str | None, server: Server) -> None:
    raw = random.Random(seed).randbytes(2 ** (seed + 2))
    headers = {"Content-Type": media_type} if media_type else {}
    answer = server.send(Call(SET, raw=raw, headers=headers))
    assert answer.status == 400
    assert set(answer.json) == {"error", "error_description"}
    assert server.stored() == {}


def test_unreadable_body_comes_before_credentials_and_unknown_methods(server: Server) -> None:
    for method, credential in ((SET, None), ("x", None), ("x", "webhook")):
        call = Call(method, raw=b"{", credential=credential, headers={"Content-Type": JSON})
        server.check(Row("", call, 400, NO_JSON))


@pytest.mark.parametrize("name", ["auth", "user_id", "option", "options", "cmd", "halt", "x"])
def test_markup_and_sql_are_only_texts(name: str, server: Server) -> None:
    text = "<script>alert(1)</script>' OR '1'='1'; DROP TABLE x; --"
    server.store(STORED)
    for method in ("user.option.get", "user.option.delete", "batch", "methods"):
        answer = server.send(Call(method, encoding="query", query=form({name: text})))
        assert answer.status in (200, 400)
        assert text not in answer.content.decode()
    assert server.stored() == STORED
