"""The error table of the contract, row by row, in both dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.table import CANARY, ENCODINGS, Call, Issued, error

if TYPE_CHECKING:
    from tests.contract.server import Server

SET, GET, DELETE = "user.option.set", "user.option.get", "user.option.delete"
OPTIONS = {"options": {"data": CANARY}}
ADMIN, JSON = "admin_access_token", {"Content-Type": "application/json"}


def both(status: int, code: str, description: str, *, live: int | None = None) -> Any:
    """Return a refusal that is the same in both dialects, or only has another status."""
    body = error(code, description)
    return (status, body), (live or status, body)


def argument(code: str, description: str, name: str, live: str = "", **facts: Any) -> Any:
    """Return the refusals of an argument, which the live dialect names."""
    named = error("ERROR_ARGUMENT", live or description, argument=name, **facts)
    return (400, error(code, description, **facts)), (400, named)


def access(reason: str) -> Any:
    denied = error("ACCESS_DENIED", f"Access denied! {reason}")
    return (400, error("AccessException", reason)), (403, denied)


def unauthorized(code: str, description: str) -> Any:
    unknown = error("NO_AUTH_FOUND", "Wrong authorization data")
    return (401, unknown), (401, error(code, description))


def scope(credential: str) -> Any:
    text = f"The request requires higher privileges than provided by the {credential} token"
    return both(403, "insufficient_scope", text, live=401)


NULL, TYPE = "ArgumentNullException", "ArgumentTypeException"
NOTHING = argument(NULL, "options is empty", "options", live="Argument 'options' is null or empty")
NO_KEY = argument(NULL, "option is empty", "option", live="Argument 'option' is null or empty")
SCALAR = argument(TYPE, "options must be an object of keys and values", "options")
KEY_TYPE = argument(TYPE, "option: a key must be a string", "option")
LONG_KEY = argument(
    "ArgumentOutOfRangeException",
    "options: a key may have at most 255 characters",
    "options",
    limit="max_key_length",
    maximum=255,
    current=256,
)
# What is refused, and how in each dialect.
ROWS = [
    (NOTHING, Call(SET, encoding="query")),
    *((NOTHING, Call(SET, {"options": empty})) for empty in (None, {}, [])),
    *((NOTHING, Call(SET, {"options": ""}, encoding=name)) for name in ENCODINGS),
    (NOTHING, Call("app.option.set", {"options": {}}, credential=ADMIN)),
    (NO_KEY, Call(DELETE)),
    *((NO_KEY, Call(DELETE, {"option": empty})) for empty in ([], "")),
    *((SCALAR, Call(SET, {"options": scalar})) for scalar in (CANARY, 5, 0, True)),
    (SCALAR, Call(SET, {"options": CANARY}, encoding="form")),
    *((KEY_TYPE, Call(GET, {"option": option})) for option in (True, 5.5)),
    (LONG_KEY, Call(SET, {"options": {"k" * 256: CANARY}})),
    *(
        (access("Application context required"), Call(SET, OPTIONS, credential=name))
        for name in ("webhook_without_application", "no_application_access_token")
    ),
    *(
        (access("Administrator authorization required"), call)
        for call in (
            Call("app.option.set", OPTIONS),
            Call(SET, {**OPTIONS, "user_id": Issued("admin_user_id")}),
        )
    ),
    (
        access("User authorization required"),
        Call(SET, OPTIONS, credential="ownerless_access_token"),
    ),
    (
        both(400, "INVALID_REQUEST", "The request body is not valid JSON in UTF-8"),
        Call(SET, raw=b"{" + CANARY.encode(), headers=JSON),
    ),
    (
        both(413, "INVALID_REQUEST", "Request body is too large"),
        Call(SET, raw=b"[" * 3_000_000, headers=JSON),
    ),
    (both(405, "INVALID_REQUEST", "Method not allowed"), Call(SET, OPTIONS, verb="PUT")),
    *(
        (both(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"), call)
        for call in (Call("user.option.put", OPTIONS), Call("x", OPTIONS, credential=None))
    ),
    (
        both(401, "NO_AUTH_FOUND", "Wrong authorization data"),
        Call(SET, OPTIONS, credential=None),
    ),
    (
        unauthorized("invalid_token", "Unable to get application by token"),
        Call(SET, OPTIONS, credential="unknown"),
    ),
    (
        unauthorized("INVALID_CREDENTIALS", "Invalid request credentials"),
        Call(SET, OPTIONS, credential=None, path="1/unknown/{method}"),
    ),
    (
        both(401, "expired_token", "The access token provided has expired"),
        Call(SET, OPTIONS, credential="expired_access_token"),
    ),
    (scope("access"), Call(SET, OPTIONS, credential="no_scope_access_token")),
    (scope("webhook"), Call(SET, OPTIONS, credential="no_scope_webhook")),
    (
        both(403, "INVALID_CREDENTIALS", "Invalid request credentials", live=401),
        Call(SET, OPTIONS, credential="inactive_access_token"),
    ),
]


def test_refusal_reads_as_documented(server: Server) -> None:
    for ((status, body), _live), call in ROWS:
        if server.has(call.credential):
            server.expect(call, body, status)
    assert server.stored() == {}


@pytest.mark.in_process
def test_refusal_reads_as_the_live_server_answers(server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    for (_documented, (status, body)), call in ROWS:
        server.expect(call, body, status)
