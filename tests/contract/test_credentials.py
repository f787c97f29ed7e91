"""Where credentials may be sent, and how wrong ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.table import (
    ENCODINGS,
    EXPIRED,
    INACTIVE,
    NO_SCOPE,
    UNKNOWN,
    Call,
    Issued,
    error,
    ok,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

GET = "user.option.get"
STORED = {"a": 1}
TWO = error("INVALID_REQUEST", "The request carries different access tokens; send one")
BOTH = error("INVALID_REQUEST", "Send either an access token or a webhook, not both")
NO_STRING = error("INVALID_REQUEST", "auth must be a string, an access token")
TOKEN = Issued("access_token")
PLACES = ("header", "auth", "access_token", "?auth", "?access_token")


def bare(params: Any = None, header: str | None = None, **more: Any) -> Call:
    """Return a call whose parameters or header may hold a token."""
    headers = {} if header is None else {"Authorization": header}
    return Call(GET, params or {}, credential=None, headers=headers, **more)


ACCEPTED = [
    *(Call(GET, place=place, encoding=name) for name in ENCODINGS for place in PLACES),
    *(Call(GET, credential="webhook", encoding=name) for name in ("json", "query")),
    Call(GET, {"auth": TOKEN, "access_token": TOKEN}),
    Call(GET, {"auth": TOKEN}, place="?auth"),
    Call(GET, {"auth": "", "access_token": None}, query="auth="),
    Call(GET, {"auth": ""}, credential="webhook"),
    Call(GET, place="auth", headers={"Authorization": "Basic eDp5"}),
    bare({"auth": TOKEN}, "bearer "),
]
CONTRADICTORY = [
    *((Call(GET, {"auth": TOKEN}, credential="x", place=place), TWO) for place in PLACES
      if place != "auth"),
    (Call(GET, {"auth": Issued("admin_access_token")}), TWO),
    (bare({"auth": TOKEN}, query="auth=x"), TWO),
    *((Call(GET, {"auth": TOKEN}, credential="webhook", encoding=name), BOTH)
      for name in ENCODINGS),
    (Call(GET, credential="webhook", headers={"Authorization": "Bearer x"}), BOTH),
    *((bare({"auth": value}), NO_STRING) for value in (5, True, ["x"], {"access_token": "x"}, [])),
]  # fmt: skip
TOKENS = ["", "токен", "\ud800", "\0", "<b>' OR 1=1 --", "x" * 1_000_000]
PATHS = ["1/unknown", "x/unknown", "1/%00", "%FF/%FF", "0/0/"]
WRONG = [
    (bare(), UNKNOWN),
    *((bare({"auth": token}), UNKNOWN) for token in TOKENS),
    *((bare(header=header), UNKNOWN) for header in ("Bearer ", "Basic eDp5", "Bearer \xff\xfe")),
    *((bare(path=f"{path}/{{method}}"), UNKNOWN) for path in PATHS),
    (Call(GET, credential="unknown"), UNKNOWN),
    (Call(GET, credential="expired_access_token"), EXPIRED),
    (Call(GET, credential="expired_access_token", place="auth", encoding="form"), EXPIRED),
]


def test_credential_is_found_in_every_place(server: Server) -> None:
    server.check_unchanged([(call, ok(STORED)) for call in ACCEPTED], STORED)


def test_contradictory_credentials_are_refused(server: Server) -> None:
    server.check_unchanged(CONTRADICTORY, STORED, status=400)


def test_wrong_credentials_are_refused(server: Server) -> None:
    server.check_unchanged(WRONG, STORED, status=401)


@pytest.mark.in_process
@pytest.mark.parametrize(
    ("credential", "status", "body"),
    [
        ("inactive_access_token", 403, INACTIVE),
        ("inactive_headless_access_token", 403, INACTIVE),
        ("inactive_webhook", 403, INACTIVE),
        ("expired_webhook", 401, UNKNOWN),
        ("revoked_webhook", 401, UNKNOWN),
        ("swapped_webhook", 401, UNKNOWN),
        ("other_scope_access_token", 403, NO_SCOPE),
    ],
)
def test_credential_that_lost_its_rights_is_refused(
    credential: str, status: int, body: Any, server: Server
) -> None:
    server.expect(Call(GET, credential=credential), body, status)


@pytest.mark.in_process
@pytest.mark.parametrize("place", ["?auth", "?access_token"])
def test_token_in_the_query_can_be_forbidden(place: str, server: Server, settings: Any) -> None:
    settings.USER_OPTIONS = {"TOKEN_IN_QUERY": False}
    description = (
        "Send the access token in the Authorization header or in the body, not in the query"
    )
    server.expect(Call(GET, place=place), error("INVALID_REQUEST", description), 400)
    server.expect(Call(GET, place="auth"), ok({}))


@pytest.mark.in_process
def test_plain_http_can_be_forbidden(server: Server, settings: Any, client: Any) -> None:
    settings.USER_OPTIONS = {"REQUIRE_HTTPS": True}
    server.expect(bare(), error("INVALID_REQUEST", "Https required"), 400)
    headers = {"Authorization": f"Bearer {server.issued['access_token']}"}
    assert client.get("/rest/user.option.get", secure=True, headers=headers).status_code == 200


def test_challenge_names_the_reason(server: Server) -> None:
    unknown = server.send(Call(GET, credential="unknown")).headers["www-authenticate"]
    expired = server.send(Call(GET, credential="expired_access_token")).headers["www-authenticate"]
    assert unknown.startswith("Bearer")
    assert expired.startswith("Bearer")
    assert 'error="invalid_token"' in expired
