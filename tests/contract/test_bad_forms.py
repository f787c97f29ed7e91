"""Forms that cannot be read, urlencoded and multipart, and queries that nobody would write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.encoders import BOUNDARY, FORM, MULTIPART, multipart
from tests.contract.table import (
    BRACKETS,
    CANARY,
    DONE,
    EMPTY,
    NO_UTF8,
    NUL_IN_KEY,
    UNKNOWN,
    Call,
    Row,
    error,
    ok,
    over,
    table,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

SET = "user.option.set"
STORED = {"kept": "as it was"}
TYPE, REQUEST = "ArgumentTypeException", "INVALID_REQUEST"
NO_MULTIPART = error(REQUEST, "The request body is not valid multipart/form-data")
NO_BOUNDARY = error(REQUEST, "The boundary of multipart/form-data is missing or invalid")
NO_KEY = error(TYPE, f"options: {NUL_IN_KEY}")
READ_AS_FORM = error(
    REQUEST, "The body was read as a form; send JSON with Content-Type: application/json"
)
NO_FILES = error(REQUEST, "Files are not accepted; send the value as a field")
GOOD = b'{"options": {"a": "%s"}}' % CANARY.encode()


def sent(name: str, media_type: str, raw: bytes, body: Any, *, query: str = "") -> Row:
    call = Call(SET, raw=raw, headers={"Content-Type": media_type}, query=query)
    return Row(name, call, 400, body, stored=STORED)


def part(headers: str, content: bytes = CANARY.encode()) -> bytes:
    opening, closing = f"--{BOUNDARY}\r\n{headers}\r\n\r\n", f"\r\n--{BOUNDARY}--\r\n"
    return opening.encode() + content + closing.encode()


FORMS = [
    sent("form, broken UTF-8", FORM, b"options[a]=%FF", NO_UTF8),
    sent("form, broken UTF-8 in a name", FORM, b"options[%C3%28]=1", NO_UTF8),
    sent("form, raw bytes", FORM, b"options[a]=\xff\xfe", NO_UTF8),
    sent("form, surrogate in UTF-8", FORM, b"options[a]=%ED%A0%80", NO_UTF8),
    sent("form, NUL", FORM, b"options[a]=%00", error(TYPE, "options[a] must be text without NUL")),
    sent("form, 33 brackets", FORM, b"options" + b"[a]" * 33 + b"=1", BRACKETS),
    sent("form, 10,000 brackets", FORM, b"options" + b"[]" * 10_000 + b"=1", BRACKETS),
    sent("form, 100,000 open brackets", FORM, b"options" + b"[" * 100_000 + b"=1", EMPTY),
    sent("form, a name without end", FORM, b"options[a" * 100_000, EMPTY),
    sent("form, only &", FORM, b"&" * 1_000_000, EMPTY),
    sent("form, braces around no JSON", FORM, b"{a}&options=", EMPTY),
    sent("query, broken UTF-8", FORM, b"options[a]=1", NO_UTF8, query="x=%FF"),
    sent("query, 33 brackets", FORM, b"options[a]=1", BRACKETS, query="options" + "[a]" * 33),
]
FIELD = 'Content-Disposition: form-data; name="options[a]"'
MULTIPARTS = [
    sent(
        "file", MULTIPART, part(f'{FIELD}; filename="a.txt"\r\nContent-Type: text/plain'), NO_FILES
    ),
    sent("empty file", MULTIPART, part(f'{FIELD}; filename="a.txt"', b""), NO_FILES),
    sent("no boundary", "multipart/form-data", multipart([("options[a]", "1")]), NO_BOUNDARY),
    sent("empty boundary", 'multipart/form-data; boundary=""', GOOD, NO_BOUNDARY),
    sent("long boundary", f"multipart/form-data; boundary={'x' * 300}", GOOD, NO_BOUNDARY),
    sent("broken UTF-8 in a field", MULTIPART, part(FIELD, b"\xff"), NO_UTF8),
    sent("33 brackets", MULTIPART, multipart([("options" + "[a]" * 33, "1")]), BRACKETS),
    sent("no name", MULTIPART, part("Content-Disposition: form-data"), NO_MULTIPART),
    sent("broken UTF-8 in a name", MULTIPART, part(FIELD).replace(b"[a]", b"[\xff]"), NO_UTF8),
    sent("NUL in a name", MULTIPART, part(FIELD).replace(b"[a]", b"[\0]"), NO_KEY),
    sent(
        "another boundary",
        MULTIPART,
        multipart([("options[a]", "1")]).replace(b"----c", b"----x"),
        NO_MULTIPART,
    ),
    sent("no parts", MULTIPART, GOOD, NO_MULTIPART),
    sent("cut in a header", MULTIPART, part(FIELD)[:60], NO_MULTIPART),
    sent("cut in a value", MULTIPART, part(FIELD)[:-30], NO_MULTIPART),
    sent("a part without a name", MULTIPART, part("X-Odd: 1"), NO_MULTIPART),
]


# cURL and browsers send JSON so if nobody says what it is.
JSON_AS_FORMS = [
    sent("JSON as a form", FORM, GOOD, READ_AS_FORM),
    sent("JSON as text", "text/plain;charset=UTF-8", b"\xef\xbb\xbf %s\n" % GOOD, READ_AS_FORM),
    *(
        Row(
            f"JSON as a form, {method}, {credential}",
            Call(method, raw=raw, headers={"Content-Type": FORM}, credential=credential),
            *answer,
            stored=STORED,
        )
        for method, raw, credential, answer in (
            ("user.option.delete", b'["a"]', "access_token", (400, READ_AS_FORM)),
            ("user.option.update", b'{"set": {"a": 1}}', "access_token", (400, READ_AS_FORM)),
            (SET, b'{"auth": "x"}', None, (400, READ_AS_FORM)),
            (SET, b'{"auth": "x"}', "unknown", (401, UNKNOWN)),
            # A call that needs no parameters succeeds as before.
            ("user.option.get", b'{"option": "x"}', "access_token", (200, ok(STORED))),
        )
    ),
]


@table([*FORMS, *JSON_AS_FORMS, *MULTIPARTS])
def test_unusable_form_is_refused(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.parametrize("encoding", ["form", "multipart"])
def test_a_thousand_fields_are_read_and_one_more_is_refused(encoding: str, server: Server) -> None:
    most = {f"k{number}": str(number) for number in range(1000)}
    server.check(Row("", Call(SET, {"options": most}, encoding=encoding), 200, DONE, left=most))
    one_more = Call(SET, {"options": {**most, "more": CANARY}}, encoding=encoding)
    refusal = over("max_keys_per_call", 1000, 1001, "options: one call may name at most 1000 keys")
    server.check(Row("", one_more, 400, refusal, left=most))


@pytest.mark.in_process
@pytest.mark.parametrize("letter", ["&", "%", "["])
def test_endless_query_is_read_or_refused(letter: str, server: Server) -> None:
    call = Call("user.option.get", encoding="query", query=letter * 500_000)
    server.check(Row("", call, 200, ok(STORED), stored=STORED))
