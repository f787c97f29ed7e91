"""What the tables are made of: calls, expected bodies, and how the two are compared."""

from __future__ import annotations

import json
import re
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# Stands in values that no error and no log may show.
CANARY = "canary-5e1f"
ENCODINGS = ("json", "form", "multipart", "query")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


@dataclass(frozen=True)
class Issued:
    """A credential's or user's id in a table, known only when the tests run."""

    name: str
    text: bool = False


@dataclass(frozen=True)
class Call:
    """One request: parameters in an encoding, or raw bytes; and where its credential is."""

    method: str
    params: Any = field(default_factory=dict)
    _: KW_ONLY
    encoding: Literal["json", "form", "multipart", "query"] = "json"
    credential: str | None = "access_token"
    place: str = "header"
    path: str = "{method}"
    verb: str | None = None
    query: str = ""
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A call and its exact answer; `left` is what the user's options are then, if they change."""

    id: str
    call: Call
    status: int
    body: Any
    _: KW_ONLY
    stored: Mapping[str, Any] = field(default_factory=dict)
    left: Mapping[str, Any] | None = None


class Shape:
    """A value that differs from run to run; only its shape is expected."""

    def __init__(self, name: str, fits: Callable[[Any], bool]) -> None:
        self.name, self.fits = name, fits


def _is_time(value: Any) -> bool:
    kinds = {
        "start": float,
        "finish": float,
        "duration": float,
        "processing": float,
        "date_start": str,
        "date_finish": str,
        "operating_reset_at": int,
        "operating": int,
    }
    return (
        isinstance(value, dict)
        and {key: type(part) for key, part in value.items()} == kinds
        and value["start"] > 1.7e9
        and 0 <= value["processing"] <= value["duration"] < 60
        and value["finish"] - value["start"] == pytest.approx(value["duration"], abs=1e-3)
        and all(_ISO.fullmatch(value[name]) for name in ("date_start", "date_finish"))
        and value["operating"] == 0
    )


TIME = Shape("<time>", _is_time)
DATE = Shape("<date>", lambda value: isinstance(value, str) and bool(_ISO.fullmatch(value)))
DATE_OR_EMPTY = Shape("<date or empty>", lambda value: value == "" or DATE.fits(value))
INTEGER = Shape("<integer>", lambda value: type(value) is int)


def ok(result: Any) -> dict[str, Any]:
    """Return a success body."""
    return {"result": result, "time": TIME}


DONE = ok(result=True)


def error(code: str, description: str, **more: Any) -> dict[str, Any]:
    """Return an error body."""
    return {"error": code, "error_description": description, **more}


def over(limit: str, maximum: int, current: int, description: str) -> dict[str, Any]:
    """Return the error body of a refusal at a limit."""
    facts = {"limit": limit, "maximum": maximum, "current": current}
    return error("ArgumentOutOfRangeException", description, **facts)


def canonical(value: Any) -> str:
    """Return a text that is equal only for values of equal types: 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, default=lambda s: s.name)


def blur(actual: Any, expected: Any) -> Any:
    """Return `actual` with the shapes that `expected` asks for in place of what fits them."""
    if isinstance(expected, Shape):
        return expected.name if expected.fits(actual) else actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: blur(value, expected.get(key)) for key, value in actual.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [blur(one, other) for one, other in zip(actual, expected, strict=True)]
    return actual


def assert_same(actual: Any, expected: Any, call: Any = None) -> None:
    """Compare two JSON values with their types, volatile parts by shape."""
    assert canonical(blur(actual, expected)) == canonical(expected), str(call)[:1000]


def resolve(value: Any, issued: Mapping[str, Any]) -> Any:
    """Return a table's value with what was issued for this run filled in."""
    if isinstance(value, Issued):
        return str(issued[value.name]) if value.text else issued[value.name]
    if isinstance(value, dict):
        return {key: resolve(part, issued) for key, part in value.items()}
    return [resolve(part, issued) for part in value] if isinstance(value, list) else value


def table(rows: Iterable[Row]) -> pytest.MarkDecorator:
    """Return the decorator that runs a test once for each row."""
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in rows])


# Refusals that several tables expect.
EMPTY = error("ArgumentNullException", "options is empty")
DENIED = error("AccessException", "Administrator authorization required")
NO_APPLICATION = error("AccessException", "Application context required")
NOT_FOUND = error("ERROR_METHOD_NOT_FOUND", "Method not found!")
UNKNOWN = error("NO_AUTH_FOUND", "Wrong authorization data")
EXPIRED = error("expired_token", "The access token provided has expired")
INACTIVE = error("INVALID_CREDENTIALS", "Invalid request credentials")
NO_SCOPE = error(
    "insufficient_scope",
    "The request requires higher privileges than provided by the access token",
)
NO_JSON = error("INVALID_REQUEST", "The request body is not valid JSON in UTF-8")
NO_UTF8 = error("INVALID_REQUEST", "Parameters must be encoded in UTF-8")
TOO_LARGE = error("INVALID_REQUEST", "Request body is too large")
BRACKETS = over("max_nesting", 32, 33, "The name of a parameter may have at most 32 brackets")
NUL_IN_KEY = "a key must be a string without control characters or lone surrogates"
