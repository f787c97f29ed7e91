"""Where credentials may stand, and what is said of those that are no good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.table import (
    EXPIRED,
    INACTIVE,
    NO_SCOPE,
    UNKNOWN,
    Call,
    Issued,
    Row,
    error,
    ok,
    table,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

GET = "user.option.get"
STORED = {"a": 1}
TWO = error("INVALID_REQUEST", "The request carries different access tokens; send one")
BOTH = error("INVALID_REQUEST", "Send either an access token or a webhook, not both")
TOKEN = Issued("access_token")


def accepted(name: str, params: Any = None, **more: Any) -> Row:
    return Row(name, Call(GET, params or {}, **more), 200, ok(STORED), stored=STORED)


def refused(name: str, status: int, body: Any, params: Any = None, **more: Any) -> Row:
    return Row(name, Call(GET, params or {}, **more), status, body, stored=STORED)


PLACES = ("header", "auth", "access_token", "?auth", "?access_token")
ACCEPTED = [
    accepted(f"{place}, {encoding}", place=place, encoding=encoding)
    for encoding in ("json", "form", "multipart", "query")
    for place in PLACES
]
ACCEPTED += [
    accepted("the same one everywhere", {"auth": TOKEN, "access_token": TOKEN}),
    accepted("the same one in body and query", {"auth": TOKEN}, place="?auth"),
    accepted("empty ones beside it", {"auth": "", "access_token": None}, query="auth="),
    accepted(
        "scheme in small letters",
        {"auth": TOKEN},
        credential=None,
        headers={"Authorization": "bearer "},
    ),
    accepted("another scheme beside it", place="auth", headers={"Authorization": "Basic eDp5"}),
    accepted("webhook", credential="webhook"),
    accepted("webhook by GET", credential="webhook", encoding="query"),
    accepted("webhook, empty token", {"auth": ""}, credential="webhook"),
]
REFUSED = [
    *(
        refused(f"two: auth and {place}", 400, TWO, {"auth": TOKEN}, credential="x", place=place)
        for place in ("header", "access_token", "?auth", "?access_token")
    ),
    refused("two good ones that differ", 400, TWO, {"auth": Issued("admin_access_token")}),
    refused("two: auth twice", 400, TWO, {"auth": TOKEN}, credential=None, query="auth=x"),
    *(
        refused(
            f"webhook and {name}", 400, BOTH, {"auth": TOKEN}, credential="webhook", encoding=name
        )
        for name in ("json", "form", "multipart", "query")
    ),
    refused(
        "webhook and a bearer",
        400,
        BOTH,
        credential="webhook",
        headers={"Authorization": "Bearer x"},
    ),
    *(
        refused(
            f"auth {value!r}",
            400,
            error("INVALID_REQUEST", "auth must be a string, an access token"),
            {"auth": value},
            credential=None,
        )
        for value in (5, True, ["x"], {"access_token": "x"}, [], {})
    ),
    refused("none", 401, UNKNOWN, credential=None),
    refused("an empty one", 401, UNKNOWN, {"auth": ""}, credential=None),
    refused("an empty header", 401, UNKNOWN, credential="", place="header"),
    refused(
        "another scheme", 401, UNKNOWN, credential=None, headers={"Authorization": "Basic eDp5"}
    ),
    refused("unknown", 401, UNKNOWN, credential="unknown"),
    refused("any script", 401, UNKNOWN, {"auth": "токен"}, credential=None),
    refused("a lone surrogate", 401, UNKNOWN, {"auth": "\ud800"}, credential=None),
    refused("NUL", 401, UNKNOWN, {"auth": "\0"}, credential=None),
    refused("markup", 401, UNKNOWN, {"auth": "<b>' OR 1=1 --"}, credential=None),
    refused("endless", 401, UNKNOWN, {"auth": "x" * 1_000_000}, credential=None),
    refused(
        "bytes in the header",
        401,
        UNKNOWN,
        credential=None,
        headers={"Authorization": "Bearer \xff\xfe"},
    ),
    refused("expired", 401, EXPIRED, credential="expired_access_token"),
    refused(
        "expired in a form",
        401,
        EXPIRED,
        credential="expired_access_token",
        place="auth",
        encoding="form",
    ),
    *(
        refused(f"webhook path {path}", 401, UNKNOWN, credential=None, path=path)
        for path in (
            "1/unknown/{method}",
            "x/unknown/{method}",
            "1/%00/{method}",
            "%FF/%FF/{method}",
            "0/0//{method}.json",
        )
    ),
]
IN_PROCESS = [
    refused("inactive user", 403, INACTIVE, credential="inactive_access_token"),
    refused("inactive owner", 403, INACTIVE, credential="inactive_headless_access_token"),
    refused("inactive webhook owner", 403, INACTIVE, credential="inactive_webhook"),
    refused("expired webhook", 401, UNKNOWN, credential="expired_webhook"),
    refused("revoked webhook", 401, UNKNOWN, credential="revoked_webhook"),
    refused("webhook of another user", 401, UNKNOWN, credential="swapped_webhook"),
    refused("another scope", 403, NO_SCOPE, credential="other_scope_access_token"),
]


@table(ACCEPTED)
def test_credential_is_found(row: Row, server: Server) -> None:
    server.check(row)


@table(REFUSED)
def test_credential_is_refused(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.in_process
@table(IN_PROCESS)
def test_credential_that_lost_its_rights_is_refused(row: Row, server: Server) -> None:
    server.check(row)


@pytest.mark.in_process
@pytest.mark.parametrize("place", ["?auth", "?access_token"])
def test_token_in_the_query_can_be_forbidden(place: str, server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"TOKEN_IN_QUERY": False}
    description = (
        "Send the access token in the Authorization header or in the body, not in the query"
    )
    server.check(Row("", Call(GET, place=place), 400, error("INVALID_REQUEST", description)))
    server.check(Row("", Call(GET, place="auth"), 200, ok({})))


@pytest.mark.in_process
def test_plain_http_can_be_forbidden(server: Server, settings: Any, client: Any) -> None:
    settings.USER_OPTIONS = {"REQUIRE_HTTPS": True}
    answer = server.send(Call(GET, credential=None))
    assert (answer.status, answer.json) == (400, error("INVALID_REQUEST", "Https required"))
    headers = {"Authorization": f"Bearer {server.issued['access_token']}"}
    assert client.get("/rest/user.option.get", secure=True, headers=headers).status_code == 200


def test_challenge_names_the_reason(server: Server) -> None:
    unknown = server.send(Call(GET, credential="unknown")).headers["www-authenticate"]
    expired = server.send(Call(GET, credential="expired_access_token")).headers["www-authenticate"]
    assert unknown.startswith("Bearer")
    assert expired.startswith("Bearer")
    assert 'error="invalid_token"' in expired
