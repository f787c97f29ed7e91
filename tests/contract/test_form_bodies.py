"""Forms, urlencoded and multipart, and queries: what is read, and what is refused."""

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
    TIME,
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

SET, GET, DELETE = "user.option.set", "user.option.get", "user.option.delete"
STORED = {"kept": "as it was"}
TYPE, REQUEST = "ArgumentTypeException", "INVALID_REQUEST"
NO_MULTIPART = error(REQUEST, "The request body is not valid multipart/form-data")
NO_BOUNDARY = error(REQUEST, "The boundary of multipart/form-data is missing or invalid")
NO_FILES = error(REQUEST, "Files are not accepted; send the value as a field")
OTHER_CHARSET = error(REQUEST, "The request body must be encoded in UTF-8")
READ_AS_FORM = error(
    REQUEST, "The body was read as a form; send JSON with Content-Type: application/json"
)
NO_KEY = error("ArgumentNullException", "option is empty")
GOOD = b'{"options": {"a": "%s"}}' % CANARY.encode()
BATCH: dict[str, Any] = {f"result{part}": [] for part in ("", "_error", "_total", "_next", "_time")}


def sent(raw: bytes, media_type: str = FORM, query: str = "") -> Call:
    return Call(SET, raw=raw, headers={"Content-Type": media_type}, query=query)


def part(headers: str, content: bytes = b"1") -> Call:
    opening, closing = f"--{BOUNDARY}\r\n{headers}\r\n\r\n", f"\r\n--{BOUNDARY}--\r\n"
    return sent(opening.encode() + content + closing.encode(), MULTIPART)


FORMS = [
    *(
        (sent(raw), NO_UTF8)
        for raw in (
            *(b"options[a]=%FF", b"options[%C3%28]=1", b"options[a]=\xff\xfe"),
            b"options[a]=%ED%A0%80",
        )
    ),
    (sent(b"options[a]=%00"), error(TYPE, "options[a] must be text without NUL")),
    (sent(b"options" + b"[a]" * 33 + b"=1"), BRACKETS),
    (sent(b"options" + b"[]" * 10_000 + b"=1"), BRACKETS),
    *(
        (sent(raw), EMPTY)
        for raw in (
            *(b"options" + b"[" * 100_000 + b"=1", b"options[a" * 100_000, b"&" * 1_000_000),
            b"{a}&options=",
        )
    ),
    (sent(b"options[a]=1", query="x=%FF"), NO_UTF8),
    (sent(b"options[a]=1", query="options" + "[a]" * 33), BRACKETS),
]
# cURL and browsers send JSON so if nobody says what it is.
JSON_AS_FORMS = [
    (sent(GOOD), READ_AS_FORM),
    (sent(b"\xef\xbb\xbf %s\n" % GOOD, "text/plain;charset=UTF-8"), READ_AS_FORM),
    *(
        (Call(method, raw=raw, headers={"Content-Type": FORM}, credential=name), READ_AS_FORM)
        for method, raw, name in (
            (DELETE, b'["a"]', "access_token"),
            ("user.option.update", b'{"set": {"a": 1}}', "access_token"),
            (SET, b'{"auth": "x"}', None),
        )
    ),
]
NAME = "Content-Disposition: form-data; name="
FIELD = f'{NAME}"options[a]"'
ONE = multipart([("options[a]", "1")])
MULTIPARTS = [
    *(
        (call, NO_FILES)
        for call in (
            part(f'{FIELD}; filename="a.txt"\r\nContent-Type: text/plain'),
            part(f'{FIELD}; filename="a.txt"', b""),
            part(f"{FIELD}; filename*=utf-8''a"),
            part(f"{FIELD}; FileName=a"),
        )
    ),
    *(
        (sent(ONE, f"multipart/form-data{boundary}"), NO_BOUNDARY)
        for boundary in ("", '; boundary=""', f"; boundary={'x' * 300}")
    ),
    (part(f"{FIELD}\r\nContent-Type: a/b; charset=cp1251"), OTHER_CHARSET),
    (part(FIELD, b"\xff"), NO_UTF8),
    (sent(ONE.replace(b"[a]", b"[\xff]"), MULTIPART), NO_UTF8),
    (sent(ONE.replace(b"[a]", b"[\0]"), MULTIPART), error(TYPE, f"options: {NUL_IN_KEY}")),
    (sent(multipart([("options" + "[a]" * 33, "1")]), MULTIPART), BRACKETS),
    *(
        (call, NO_MULTIPART)
        for call in (
            *(sent(raw, MULTIPART) for raw in (GOOD, ONE[:60], ONE[:-30])),
            sent(ONE.replace(b"----c", b"----x"), MULTIPART),
            part("Content-Disposition: form-data"),
            part("X-Odd: 1"),
            part(FIELD[:-1]),
            part(f"{FIELD} x"),
            part(f"{NAME}options a"),
            part("Content-Disposition: form-data; name*=utf-8''options[a]"),
            part('Content-Disposition: attachment; name="options[a]"'),
            part('Content-Disposition: form-data;\r\n name="options[a]"'),
            part(f"{FIELD}\r\nContent-Length: 2"),
        )
    ),
]
PARTS = [
    *(
        (part(headers), {"a": "1"})
        for headers in (
            *(FIELD, f"{FIELD};", f"{NAME}options[a]", f"{FIELD}; size=1"),
            'content-disposition:FORM-DATA;NAME="options[a]"',
            f"Content-Type: text/plain\r\n{FIELD}",
            f"{FIELD}\r\nContent-Type: a/b; charset=utf-8",
        )
    ),
    # Quotes and backslashes as PHP reads them, percent signs as they are.
    (part(rf'{NAME}"options[a\"\\b]"'), {'a"\\b': "1"}),
    (part(f'{NAME}"options[%22; filename=a]"'), {"%22; filename=a": "1"}),
]
# Bracketed names that mean empty arrays, with the result of a call and what it leaves stored.
EMPTY_ARRAYS: list[tuple[str, str, int, Any, Any]] = [
    (SET, "options[]=", 400, EMPTY, {}),
    (SET, "options[a][]=&options[b][c][]=", 200, DONE, {"a": [], "b": {"c": []}}),
    (SET, "options[a][0]=", 200, DONE, {"a": [""]}),
    (SET, "options[a][]=&options[a][]=", 200, DONE, {"a": ["", ""]}),
    (GET, "option[]=", 200, ok({}), {}),
    (DELETE, "option[]=", 400, NO_KEY, {}),
    ("batch", "cmd[]=", 200, ok(BATCH), {}),
]


def placed(method: str, form: str) -> dict[str, Call]:
    """Return calls with the same bracketed names in every place that may have them."""
    pairs = [(name, value) for name, _, value in (p.partition("=") for p in form.split("&"))]
    return {
        "form": Call(method, raw=form.encode(), headers={"Content-Type": FORM}),
        "plain text": Call(method, raw=form.encode(), headers={"Content-Type": "text/plain"}),
        "multipart": Call(method, raw=multipart(pairs), headers={"Content-Type": MULTIPART}),
        "query": Call(method, encoding="query", query=form),
    }


@pytest.mark.parametrize(
    "cases", [FORMS, JSON_AS_FORMS, MULTIPARTS], ids=["forms", "JSON", "parts"]
)
def test_unusable_form_is_refused(cases: Any, server: Server) -> None:
    server.check_unchanged(cases, STORED, status=400)


def test_json_as_a_form_succeeds_where_no_parameter_is_needed(server: Server) -> None:
    headers = {"Content-Type": FORM}
    call = Call(SET, raw=b'{"auth": "x"}', headers=headers, credential="unknown")
    server.expect(call, UNKNOWN, 401)
    call = Call(GET, raw=b'{"option": "x"}', headers=headers)
    server.check_unchanged([(call, ok(STORED))], STORED)


@table(Row(str(call.raw)[30:90], call, 200, DONE, left=left) for call, left in PARTS)
def test_part_is_read_as_php_reads_it(row: Row, server: Server) -> None:
    server.check(row)


@table(
    Row(f"{method}?{form} in {place}", call, status, body, left=left)
    for method, form, status, body, left in EMPTY_ARRAYS
    for place, call in placed(method, form).items()
)
def test_list_of_one_empty_text_is_an_empty_array(row: Row, server: Server) -> None:
    server.check(row)


def test_commands_have_empty_arrays_too(server: Server) -> None:
    commands = {
        "nothing": f"{SET}?options[]=",
        "set": f"{SET}?options[a][]=&options[b][0]=",
        "get": f"{GET}?option[]=",
        "delete": f"{DELETE}?option[]=",
    }
    results, errors = {"set": True, "get": {}}, {"nothing": EMPTY, "delete": NO_KEY}
    parts = {"result": results, "result_error": errors, "result_time": dict.fromkeys(results, TIME)}
    call = Call("batch", {"cmd": commands})
    server.check(Row("", call, 200, ok({**BATCH, **parts}), left={"a": [], "b": [""]}))


@pytest.mark.parametrize("encoding", ["form", "multipart"])
def test_a_thousand_fields_are_read_and_one_more_is_refused(encoding: Any, server: Server) -> None:
    most = {f"k{number}": str(number) for number in range(1000)}
    server.check(Row("", Call(SET, {"options": most}, encoding=encoding), 200, DONE, left=most))
    one_more = Call(SET, {"options": {**most, "more": CANARY}}, encoding=encoding)
    refusal = over("max_keys_per_call", 1000, 1001, "options: one call may name at most 1000 keys")
    server.check_unchanged([(one_more, refusal)], most, status=400)


def test_the_longest_name_fits_into_the_header_of_a_part(server: Server) -> None:
    keys = ["я" * 255] * 32
    value: Any = "1"
    for key in reversed(keys):
        value = {key: value}
    raw = multipart([("options" + "".join(f"[{key}]" for key in keys), "1")])
    server.check(Row("", sent(raw, MULTIPART), 200, DONE, left=value))


@pytest.mark.in_process
def test_very_long_query_is_read(server: Server) -> None:
    calls = [Call(GET, encoding="query", query=letter * 500_000) for letter in "&%["]
    server.check_unchanged([(call, ok(STORED)) for call in calls], STORED)
