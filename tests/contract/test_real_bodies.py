"""Bodies as real clients send them: empty arrays, lists for objects, compression, odd parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.encoders import BOUNDARY, FORM, JSON, MULTIPART, multipart
from tests.contract.table import CANARY, DONE, TIME, Call, Row, error, ok, table

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET, DELETE = "user.option.set", "user.option.get", "user.option.delete"
STORED = {"kept": "as it was"}
REQUEST = "INVALID_REQUEST"
NO_OPTIONS = error("ArgumentNullException", "options is empty")
NO_KEY = error("ArgumentNullException", "option is empty")
COMPRESSED = error(REQUEST, "The request body is compressed; send it without a Content-Encoding")
NOT_MULTIPART = error(REQUEST, "The request body is not valid multipart/form-data")
NO_FILES = error(REQUEST, "Files are not accepted; send the value as a field")
OTHER_CHARSET = error(REQUEST, "The request body must be encoded in UTF-8")
BATCH: dict[str, Any] = {f"result{part}": [] for part in ("", "_error", "_total", "_next", "_time")}


def everywhere(method: str, form: str, status: int, body: Any, left: Any = STORED) -> list[Row]:
    """Return rows with the same bracketed names in every place that may have them."""
    pairs = [(name, value) for name, _, value in (p.partition("=") for p in form.split("&"))]
    places = {
        "form": Call(method, raw=form.encode(), headers={"Content-Type": FORM}),
        "plain text": Call(method, raw=form.encode(), headers={"Content-Type": "text/plain"}),
        "multipart": Call(method, raw=multipart(pairs), headers={"Content-Type": MULTIPART}),
        "query": Call(method, encoding="query", query=form),
    }
    return [
        Row(f"{method}?{form} in {place}", call, status, body, stored=STORED, left=left)
        for place, call in places.items()
    ]


def command(text: str, left: Any = STORED, **parts: Any) -> Row:
    call = Call("batch", {"cmd": {"c": f"user.option.{text}"}})
    if "result" in parts:
        parts["result_time"] = {"c": TIME}
    return Row(f"command {text}", call, 200, ok({**BATCH, **parts}), stored=STORED, left=left)


EMPTY_ARRAYS = [
    *everywhere(SET, "options[]=", 400, NO_OPTIONS),
    *everywhere(SET, "options[a][]=", 200, DONE, {**STORED, "a": []}),
    *everywhere(SET, "options[a][b][]=", 200, DONE, {**STORED, "a": {"b": []}}),
    *everywhere(SET, "options[a][0]=", 200, DONE, {**STORED, "a": [""]}),
    *everywhere(SET, "options[a][]=&options[a][]=", 200, DONE, {**STORED, "a": ["", ""]}),
    *everywhere(GET, "option[]=", 200, ok({})),
    *everywhere(DELETE, "option[]=", 400, NO_KEY),
    *everywhere("batch", "cmd[]=", 200, ok(BATCH)),
    command("set?options[]=", result_error={"c": NO_OPTIONS}),
    command("set?options[a][]=", {**STORED, "a": []}, result={"c": True}),
    command("set?options[a][0]=", {**STORED, "a": [""]}, result={"c": True}),
    command("get?option[]=", result={"c": {}}),
    command("delete?option[]=", result_error={"c": NO_KEY}),
]


def json_body(raw: bytes, status: int, body: Any, *, method: str = SET, left: Any = STORED) -> Row:
    call = Call(method, raw=raw, headers={"Content-Type": JSON})
    return Row(f"{method} {raw!r}", call, status, body, stored=STORED, left=left)


LISTS = [
    json_body(b'[{"options": {"a": 1}}]', 400, NO_OPTIONS),
    json_body(b'["kept"]', 200, ok(STORED), method=GET),
    json_body(b"[1]", 404, error("ERROR_METHOD_NOT_FOUND", "Method not found!"), method="x"),
    json_body(b'{"options": {"a": [""]}}', 200, DONE, left={**STORED, "a": [""]}),
    json_body(b'{"options": [""]}', 200, DONE, left={**STORED, "0": ""}),
]
COMPRESSIONS = [
    Row(
        f"{coding}, {media_type}",
        Call(
            SET,
            raw=b"\x1f\x8b\x08" + CANARY.encode(),
            headers={"Content-Type": media_type, "Content-Encoding": coding},
        ),
        400,
        COMPRESSED,
        stored=STORED,
    )
    for coding, media_type in (
        *((coding, JSON) for coding in ("gzip", "GZIP", "deflate", "br", "zstd", "compress")),
        *((coding, JSON) for coding in ("gzip, gzip", "identity , br")),
        *(("x-gzip", media_type) for media_type in (FORM, MULTIPART, "text/plain")),
    )
]


def part(headers: str, status: int, body: Any, left: Any = STORED) -> Row:
    raw = f"--{BOUNDARY}\r\n{headers}\r\n\r\n1\r\n--{BOUNDARY}--\r\n".encode()
    call = Call(SET, raw=raw, headers={"Content-Type": MULTIPART})
    return Row(headers[:80], call, status, body, stored=STORED, left=left)


DISPOSITION = "Content-Disposition: form-data; name="
STORED_A = {**STORED, "a": "1"}
PARTS = [
    part(f'{DISPOSITION}"options[a]"', 200, DONE, STORED_A),
    part(f'{DISPOSITION}"options[a]";', 200, DONE, STORED_A),
    part(f"{DISPOSITION}options[a]", 200, DONE, STORED_A),
    part('content-disposition:FORM-DATA;NAME="options[a]"', 200, DONE, STORED_A),
    part(f'{DISPOSITION}"options[a]"; size=1', 200, DONE, STORED_A),
    part(f'Content-Type: text/plain\r\n{DISPOSITION}"options[a]"', 200, DONE, STORED_A),
    part(f'{DISPOSITION}"options[a]"\r\nContent-Type: a/b; charset=utf-8', 200, DONE, STORED_A),
    part(f'{DISPOSITION}"options[a]"\r\nContent-Type: a/b; charset=cp1251', 400, OTHER_CHARSET),
    # Quotes and backslashes as PHP reads them, percent signs as they are.
    part(rf'{DISPOSITION}"options[a\"\\b]"', 200, DONE, {**STORED, 'a"\\b': "1"}),
    part(f'{DISPOSITION}"options[%22; filename=a]"', 200, DONE, {**STORED, "%22; filename=a": "1"}),
    part(f"{DISPOSITION}\"options[a]\"; filename*=utf-8''a", 400, NO_FILES),
    part(f'{DISPOSITION}"options[a]"; FileName=a', 400, NO_FILES),
    part(f'{DISPOSITION}"options[a]', 400, NOT_MULTIPART),
    part(f'{DISPOSITION}"options[a]" x', 400, NOT_MULTIPART),
    part(f"{DISPOSITION}options a", 400, NOT_MULTIPART),
    part("Content-Disposition: form-data; name*=utf-8''options[a]", 400, NOT_MULTIPART),
    part('Content-Disposition: attachment; name="options[a]"', 400, NOT_MULTIPART),
    part('Content-Disposition: form-data;\r\n name="options[a]"', 400, NOT_MULTIPART),
    part(f'{DISPOSITION}"options[a]"\r\nContent-Length: 2', 400, NOT_MULTIPART),
]


@table([*EMPTY_ARRAYS, *LISTS, *COMPRESSIONS, *PARTS])
def test_body_is_read_or_refused_with_what_is_wrong(row: Row, server: Server) -> None:
    server.check(row)


def test_a_content_encoding_that_is_not_a_compression_is_ignored(server: Server) -> None:
    for coding in ("identity", "utf-8", ""):
        headers = {"Content-Type": FORM, "Content-Encoding": coding}
        server.check(
            Row("", Call(SET, raw=b"options[a]=1", headers=headers), 200, DONE, left={"a": "1"})
        )


def test_the_longest_name_fits_into_the_header_of_a_part(server: Server) -> None:
    keys = ["я" * 255] * 32
    value: Any = "1"
    for key in reversed(keys):
        value = {key: value}
    raw = multipart([("options" + "".join(f"[{key}]" for key in keys), "1")])
    call = Call(SET, raw=raw, headers={"Content-Type": MULTIPART})
    server.check(Row("", call, 200, DONE, left=value))
