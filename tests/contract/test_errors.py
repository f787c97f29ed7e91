"""The error table of the contract, row by row, in both dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.table import CANARY, ENCODINGS, Call, Issued, Row, error, table

if TYPE_CHECKING:
    from tests.contract.server import Server


SET, GET, DELETE = "user.option.set", "user.option.get", "user.option.delete"
OPTIONS = {"options": {"data": CANARY}}
ADMIN = "admin_access_token"
UNKNOWN_TO_A_RUNNING_SERVER = {
    *("no_application_access_token", "ownerless_access_token", "no_scope_webhook"),
    "inactive_access_token",
}
NOTHING = (
    (400, "ArgumentNullException", "options is empty"),
    (400, "ERROR_ARGUMENT", "Argument 'options' is null or empty", {"argument": "options"}),
)
NO_KEY = (
    (400, "ArgumentNullException", "option is empty"),
    (400, "ERROR_ARGUMENT", "Argument 'option' is null or empty", {"argument": "option"}),
)


def denied(reason: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return (400, "AccessException", reason), (403, "ACCESS_DENIED", f"Access denied! {reason}")


def argument(
    code: str, description: str, name: str, **facts: Any
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    more = {"argument": name, **facts}
    return (400, code, description, facts), (400, "ERROR_ARGUMENT", description, more)


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
    "ArgumentOutOfRangeException",
    "options: a key may have at most 255 characters",
    "options",
    limit="max_key_length",
    maximum=255,
    current=256,
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

JSON = {"Content-Type": "application/json"}

# The calls that are answered so, by what is wrong with them.
ROWS = [
    (
        NOTHING,
        {
            "options missing": Call(SET, encoding="query"),
            "options null": Call(SET, {"options": None}),
            "options an empty object": Call(SET, {"options": {}}),
            "options an empty list": Call(SET, {"options": []}),
            **{
                f"options an empty text, {name}": Call(SET, {"options": ""}, encoding=name)
                for name in ENCODINGS
            },
            "application's options empty": Call(
                "app.option.set", {"options": {}}, credential=ADMIN
            ),
        },
    ),
    (
        NO_APPLICATION,
        {
            "webhook without an application": Call(
                SET, OPTIONS, credential="webhook_without_application"
            ),
            "token without an application": Call(
                SET, OPTIONS, credential="no_application_access_token"
            ),
        },
    ),
    (
        NOT_ADMINISTRATOR,
        {
            "application's options, no rights": Call("app.option.set", OPTIONS),
            "other user, no rights": Call(SET, {**OPTIONS, "user_id": Issued("admin_user_id")}),
        },
    ),
    (
        NO_USER,
        {
            "token of an application without an owner": Call(
                SET, OPTIONS, credential="ownerless_access_token"
            )
        },
    ),
    (
        NO_KEY,
        {
            "delete without a key": Call(DELETE),
            "delete with an empty list": Call(DELETE, {"option": []}),
            "delete with an empty text": Call(DELETE, {"option": ""}),
        },
    ),
    (
        SCALAR,
        {
            "options a text": Call(SET, {"options": CANARY}),
            "options a text in a form": Call(SET, {"options": CANARY}, encoding="form"),
            "options a number": Call(SET, {"options": 5}),
            "options a boolean": Call(SET, {"options": True}),
        },
    ),
    (
        KEY_TYPE,
        {
            "key a boolean": Call(GET, {"option": True}),
            "key a fraction": Call(GET, {"option": 5.5}),
        },
    ),
    (LONG_KEY, {"key too long": Call(SET, {"options": {"k" * 256: CANARY}})}),
    (UNREADABLE, {"body no JSON": Call(SET, raw=b"{" + CANARY.encode(), headers=JSON)}),
    (
        UNKNOWN,
        {
            "no credentials": Call(SET, OPTIONS, credential=None),
        },
    ),
    (UNKNOWN_TOKEN, {"unknown token": Call(SET, OPTIONS, credential="unknown")}),
    (
        UNKNOWN_WEBHOOK,
        {
            "unknown webhook": Call(SET, OPTIONS, credential=None, path="1/unknown/{method}"),
        },
    ),
    (EXPIRED, {"expired token": Call(SET, OPTIONS, credential="expired_access_token")}),
    (ACCESS_SCOPE, {"scope missing": Call(SET, OPTIONS, credential="no_scope_access_token")}),
    (WEBHOOK_SCOPE, {"webhook's scope missing": Call(SET, OPTIONS, credential="no_scope_webhook")}),
    (INACTIVE, {"inactive user": Call(SET, OPTIONS, credential="inactive_access_token")}),
    (
        NOT_FOUND,
        {
            "unknown method": Call("user.option.put", OPTIONS),
            "unknown method, no credentials": Call("x", OPTIONS, credential=None),
        },
    ),
    (TOO_LARGE, {"body too large": Call(SET, raw=b"[" * 3_000_000, headers=JSON)}),
    (VERB, {"verb": Call(SET, OPTIONS, verb="PUT")}),
]


def rows(dialect: int) -> list[Row]:
    """Return the rows of a dialect; what the live one has no answer of its own for is the same."""
    found = []
    for answers, calls in ROWS:
        status, code, description, *more = answers[min(dialect, len(answers) - 1)]
        body = error(code, description, **(more[0] if more else {}))
        for name, call in calls.items():
            in_process = call.credential in UNKNOWN_TO_A_RUNNING_SERVER
            found.append(Row(name, call, status, body, in_process=in_process))
    return found


@table(rows(0))
def test_refusal_reads_as_documented(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.in_process
@table(rows(1))
def test_refusal_reads_as_the_live_server_answers(row: Row, server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}
    server.check(row)
