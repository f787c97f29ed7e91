"""Reading a body and writing an answer cost time and memory in proportion to their size.

Bodies are small to make this fast; `COST_BYTES=2400000` measures up to the limit that a
body has by default.
"""

from __future__ import annotations

import copy
import gc
import logging
import math
import os
import time
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory
from limits import parse

from django_user_options.conf import MEMORY
from django_user_options.exceptions import OptionLimitError
from django_user_options.fields import JSONText
from django_user_options.log_filters import HideSecrets
from django_user_options.rest.moving_windows import MovingWindows
from django_user_options.rest.parsers import read_parameters
from django_user_options.rest.refusals import InvalidRequestError
from django_user_options.rest.views import RestMethodView

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = int(os.environ.get("COST_BYTES", "64000"))
DOUBLINGS = 3
SMALL = LARGE // 2**DOUBLINGS
# Twice the input may cost 2.3 times as much, over three doublings. In proportion, it would be 8
# times in all, and by the square 64 times, so there is room for what a busy machine adds.
MOST = 2.3**DOUBLINGS
# A processor may be slower for seconds, so that one side never meets its best moment.
ATTEMPTS = 400
LONGEST_HEADER = 60_000

FIELD = b'--b\r\nContent-Disposition: form-data; name="a"%s\r\n\r\n'
END = b"\r\n--b--\r\n"


def numbered(pattern: bytes) -> Callable[[int], bytes]:
    """Return what repeats a pattern with another number in it each time."""
    return lambda size: b"".join(pattern % n for n in range(size // len(pattern % 99_999)))


def repeated(start: bytes, pattern: bytes, end: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: start + pattern * (size // len(pattern)) + end


def parts(pattern: bytes, end: bytes = b"", start: bytes = b"") -> Callable[[int], bytes]:
    """Return what makes parts whose headers repeat a pattern and are as long as can be."""

    def make(size: int) -> bytes:
        length = min(size, LONGEST_HEADER) - 200
        part = FIELD % (start + pattern * (length // len(pattern)) + end) + b"x\r\n"
        return part * (size // len(part)) + END[2:]

    return make


BODIES: dict[str, dict[str, Callable[[int], bytes]]] = {
    "application/json": {
        "long integers": repeated(b"[0", b"," + b"9" * 1000, b"]"),
        "a longer integer": repeated(b"[", b"9", b"]"),
        "one name": repeated(b'{"a":0', b',"a":1', b"}"),
        "one name inside": repeated(b'{"a":0,"a":0,"b":[0', b',{"a":1,"a":2}', b"]}"),
        "deep lists": repeated(b"[[0", b"," + b"[" * 200 + b"]" * 200, b"]]"),
        "open objects": repeated(b"", b'{"a":'),
    },
    "application/x-www-form-urlencoded": {
        "escapes": repeated(b"a=", b"%41"),
        "fields": repeated(b"", b"a=1&"),
        "appended": repeated(b"", b"a[]=" + b"x" * 300 + b"&"),
        "brackets": numbered(b"x%d" + b"[a]" * 32 + b"=&"),
        "deep brackets": repeated(b"a", b"[a]"),
        "opened names": repeated(b"a", b"[a"),
        "long indexes": repeated(b"", b"a[" + b"9" * 1000 + b"]=1&a[]=2&"),
    },
    "multipart/form-data": {
        "nearly boundaries": repeated(FIELD % b"", b"\r\n--", END),
        "fields": repeated(b"", FIELD % b"" + b"x\r\n", END[2:]),
        "empty parameters": parts(b";a="),
        "spaces": parts(b" ", b"x"),
        "escaped quotes": parts(rb"\""),
        "an open quote": parts(rb"\x", start=b';a="'),
        "continued lines": parts(b"\r\n a"),
        "a header without an end": repeated(b"--b\r\n", b"a"),
    },
}
VALUES = {
    "fractions": repeated(b"[0", b",1.5", b"]"),
    "odd names": lambda size: b'{"a":0' + numbered(b',"<&%d":0')(size) + b"}",
    "marks": repeated(b'"', b"&<>", b'"'),
    "separators": repeated(b'"', "\u2028".encode(), b'"'),
    "deep lists": repeated(b"[0", b"," + b"[" * 30 + b"]" * 30, b"]"),
}
PATHS = {
    "digits": repeated(b"/rest/", b"a"),
    "encoded percent signs": repeated(b"/rest/%", b"25"),
    "queries": repeated(b"/rest/", b"?a=1 "),
    "quotes": repeated(b"/rest/?", b'"'),
}


def assert_linear(make: Callable[[int], Callable[[], object]]) -> None:
    """Compare what the large input costs with what the small one costs."""
    small, large = make(SMALL), make(LARGE)
    # As many bytes on both sides, so that both find the caches of the processor alike.
    times = 2**DOUBLINGS
    # Python keeps some memory for reuse, so little of it says nothing.
    assert peak(large) <= MOST * max(peak(small), 30 * SMALL)
    best = [math.inf, math.inf]

    def are_in_proportion() -> bool:
        # The best of a few: whatever else the machine does only adds.
        best[:] = map(min, best, (cpu_time(small, times), cpu_time(large)))
        return best[1] <= MOST / times * best[0]

    assert any(are_in_proportion() for _ in range(ATTEMPTS)), best


def peak(run: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def cpu_time(run: Callable[[], object], times: int = 1) -> float:
    gc.disable()
    try:
        start = time.process_time()
        _kept = [run() for _ in range(times)]
        return time.process_time() - start
    finally:
        gc.enable()


def reading(content_type: str, body: bytes) -> Callable[[], object]:
    if content_type.startswith("multipart"):
        content_type += "; boundary=b"
    request = RequestFactory().post("/", body, content_type=content_type)
    assert len(request.body) == len(body)

    def read() -> object:
        with suppress(InvalidRequestError, OptionLimitError):
            return read_parameters(request)
        return None

    return read


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * LARGE


@pytest.mark.parametrize(
    ("content_type", "name"), [(kind, name) for kind, bodies in BODIES.items() for name in bodies]
)
def test_reading_a_body_costs_in_proportion(content_type: str, name: str) -> None:
    body = BODIES[content_type][name]
    assert_linear(lambda size: reading(content_type, body(size)))


@pytest.mark.parametrize("name", PATHS)
def test_hiding_secrets_in_logs_costs_in_proportion(name: str) -> None:
    def hiding(size: int) -> Callable[[], object]:
        path = PATHS[name](size).decode()
        record = logging.LogRecord("django.request", 30, "", 0, "Not Found: %s", (path,), None)
        return lambda: HideSecrets().filter(copy.copy(record))

    assert_linear(hiding)


def test_counting_calls_costs_in_proportion_to_their_number() -> None:
    limit = parse("50 per 25 seconds")

    def counting(size: int) -> Callable[[], object]:
        keys = list(map(str, range(size // 10)))
        windows = MovingWindows(MEMORY)
        return lambda: [windows.hit(limit, key) for key in keys]

    assert_linear(counting)


@pytest.mark.parametrize("renderer", RestMethodView.renderer_classes, ids=lambda kind: kind.format)
@pytest.mark.parametrize("name", VALUES)
def test_writing_an_answer_costs_in_proportion(name: str, renderer: Any) -> None:
    def writing(size: int) -> Callable[[], object]:
        envelope = {"result": JSONText(VALUES[name](size).decode()), "time": {"start": 1.5}}
        return lambda: renderer().render(envelope)

    assert_linear(writing)
