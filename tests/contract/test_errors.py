"""The error table of the contract, row by row, in both dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.contract.table import CANARY, Call, Issued, Row, error

if TYPE_CHECKING:
    from tests.contract.server import Server


class ErrorRow(NamedTuple):
    """A refused call with status, code, description and, in the live dialect, `argument`."""

    id: str
    call: Call
    documented: tuple[Any, ...]
    live: tuple[Any, ...] = ()
    in_process: bool = False


SET, GET, DELETE = "user.option.set", "user.option.get", "user.option.delete"
OPTIONS = {"options": {"data": CANARY}}
NOTHING = (
    (400, "ArgumentNullException", "options is empty"),
    (400, "ERROR_ARGUMENT", "Argument 'options' is null or empty", "options"),
)
NO_KEY = (
    (400, "ArgumentNullException", "option is empty"),
    (400, "ERROR_ARGUMENT", "Argument 'option' is null or empty", "option"),
)


def denied(reason: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return (400, "AccessException", reason), (403, "ACCESS_DENIED", f"Access denied! {reason}")


def argument(code: str, description: str, name: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return (400, code, description), (400, "ERROR_ARGUMENT", description, name)


def status_only(documented: int, live: int, *rest: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return (documented, *rest), (live, *rest)


NO_APPLICATION = denied("Application context required")
NOT_ADMINISTRATOR = denied("Administrator authorization required")
NO_USER = denied("User authorization required")
SCALAR = argument(
    "ArgumentTypeException", "options must be an object of keys and values", "options"
)
KEY_TYPE = argument("ArgumentTypeException", "option: a key must be a string", "option")
LONG_KEY = argument(
    "ArgumentOutOfRangeException", "options: a key may have at most 255 characters", "options"
)
NO_SCOPE = "The request requires higher privileges than provided by the {} token"
ACCESS_SCOPE = status_only(403, 401, "insufficient_scope", NO_SCOPE.format("access"))
WEBHOOK_SCOPE = status_only(403, 401, "insufficient_scope", NO_SCOPE.format("webhook"))
INACTIVE = status_only(403, 401, "INVALID_CREDENTIALS", "Invalid request credentials")
UNKNOWN = ((401, "NO_AUTH_FOUND", "Wrong authorization data"),)
UNKNOWN_TOKEN = (*UNKNOWN, (401, "invalid_token", "Unable to get application by token"))
UNKNOWN_WEBHOOK = (*UNKNOWN, (401, "INVALID_CREDENTIALS", "Invalid request credentials"))
EXPIRED = ((401, "expired_token", "The access token provided has expired"),)
NOT_FOUND = ((404, "ERROR_METHOD_NOT_FOUND", "Method not found!"),)
UNREADABLE = ((400, "INVALID_REQUEST", "The request body is not valid JSON in UTF-8"),)
TOO_LARGE = ((413, "INVALID_REQUEST", "Request body is too large"),)
VERB = ((405, "INVALID_REQUEST", "Method not allowed"),)

ROWS = [
    ErrorRow("options missing", Call(SET, encoding="query"), *NOTHING),
    ErrorRow("options null", Call(SET, {"options": None}), *NOTHING),
    ErrorRow("options an empty object", Call(SET, {"options": {}}), *NOTHING),
    ErrorRow("options an empty list", Call(SET, {"options": []}), *NOTHING),
    ErrorRow("options an empty text", Call(SET, {"options": ""}), *NOTHING),
    ErrorRow("options empty in a form", Call(SET, {"options": ""}, encoding="form"), *NOTHING),
    ErrorRow("options empty in a query", Call(SET, {"options": ""}, encoding="query"), *NOTHING),
    ErrorRow(
        "options empty in multipart", Call(SET, {"options": ""}, encoding="multipart"), *NOTHING
    ),
    ErrorRow(
        "application's options empty",
        Call("app.option.set", {"options": {}}, credential="admin_access_token"),
        *NOTHING,
    ),
    ErrorRow(
        "webhook without an application",
        Call(SET, OPTIONS, credential="webhook_without_application"),
        *NO_APPLICATION,
    ),
    ErrorRow(
        "token without an application",
        Call(SET, OPTIONS, credential="no_application_access_token"),
        *NO_APPLICATION,
        in_process=True,
    ),
    ErrorRow(
        "application's options, no rights", Call("app.option.set", OPTIONS), *NOT_ADMINISTRATOR
    ),
    ErrorRow(
        "other user, no rights",
        Call(SET, {**OPTIONS, "user_id": Issued("admin_user_id")}),
        *NOT_ADMINISTRATOR,
    ),
    ErrorRow(
        "token of an application without an owner",
        Call(SET, OPTIONS, credential="ownerless_access_token"),
        *NO_USER,
        in_process=True,
    ),
    ErrorRow("delete without a key", Call(DELETE), *NO_KEY),
    ErrorRow("delete with an empty list", Call(DELETE, {"option": []}), *NO_KEY),
    ErrorRow("delete with an empty text", Call(DELETE, {"option": ""}), *NO_KEY),
    ErrorRow("options a text", Call(SET, {"options": CANARY}), *SCALAR),
    ErrorRow("options a text in a form", Call(SET, {"options": CANARY}, encoding="form"), *SCALAR),
    ErrorRow("options a number", Call(SET, {"options": 5}), *SCALAR),
    ErrorRow("options a boolean", Call(SET, {"options": True}), *SCALAR),
    ErrorRow("key a number", Call(GET, {"option": 5.5}), *KEY_TYPE),
    ErrorRow("key too long", Call(SET, {"options": {"k" * 256: CANARY}}), *LONG_KEY),
    ErrorRow(
        "body no JSON",
        Call(SET, raw=b"{" + CANARY.encode(), headers={"Content-Type": "application/json"}),
        *UNREADABLE,
    ),
    ErrorRow("no credentials", Call(SET, OPTIONS, credential=None), *UNKNOWN),
    ErrorRow("unknown token", Call(SET, OPTIONS, credential="unknown"), *UNKNOWN_TOKEN),
    ErrorRow(
        "unknown webhook",
        Call(SET, OPTIONS, credential=None, path="1/unknown/{method}"),
        *UNKNOWN_WEBHOOK,
    ),
    ErrorRow(
        "webhook of another user",
        Call(SET, OPTIONS, credential="swapped_webhook"),
        *UNKNOWN_WEBHOOK,
        in_process=True,
    ),
    ErrorRow(
        "revoked webhook",
        Call(SET, OPTIONS, credential="revoked_webhook"),
        *UNKNOWN_WEBHOOK,
        in_process=True,
    ),
    ErrorRow("expired token", Call(SET, OPTIONS, credential="expired_access_token"), *EXPIRED),
    ErrorRow(
        "scope missing", Call(SET, OPTIONS, credential="no_scope_access_token"), *ACCESS_SCOPE
    ),
    ErrorRow(
        "webhook's scope missing",
        Call(SET, OPTIONS, credential="no_scope_webhook"),
        *WEBHOOK_SCOPE,
        in_process=True,
    ),
    ErrorRow(
        "inactive user",
        Call(SET, OPTIONS, credential="inactive_access_token"),
        *INACTIVE,
        in_process=True,
    ),
    ErrorRow("unknown method", Call("user.option.put", OPTIONS), *NOT_FOUND),
    ErrorRow("unknown method, no credentials", Call("x", OPTIONS, credential=None), *NOT_FOUND),
    ErrorRow(
        "body too large",
        Call(SET, raw=b"[" * 3_000_000, headers={"Content-Type": "application/json"}),
        *TOO_LARGE,
    ),
    ErrorRow("verb", Call(SET, OPTIONS, verb="PUT"), *VERB),
]


def rows(dialect: str) -> list[Any]:
    cases = []
    for row in ROWS:
        status, code, description, *argument = getattr(row, dialect) or row.documented
        body = error(code, description, **({"argument": argument[0]} if argument else {}))
        marks = [pytest.mark.in_process] if row.in_process else []
        cases.append(pytest.param(Row(row.id, row.call, status, body), id=row.id, marks=marks))
    return cases


@pytest.mark.parametrize("row", rows("documented"))
def test_refusal_reads_as_documented(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.in_process
@pytest.mark.parametrize("row", rows("live"))
def test_refusal_reads_as_the_live_server_answers(row: Row, server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    server.check(row)
