"""Where credentials may be sent, and how wrong ones are refused."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.contract.encoders import FORM, JSON, MULTIPART, multipart
from tests.contract.table import (
    ENCODINGS,
    EXPIRED,
    INACTIVE,
    NO_SCOPE,
    UNKNOWN,
    Call,
    error,
    ok,
)

if TYPE_CHECKING:
    from tests.contract.server import Server

GET = "user.option.get"
TWO = error("INVALID_REQUEST", "The request carries different access tokens; send one")
BOTH = error("INVALID_REQUEST", "Send either an access token or a webhook, not both")
STORED = {"a": 1}
NAMES = ("auth", "access_token")
PLACES = ("path", "header", "?auth", "?access_token", *NAMES)
# What is in two places: a token, or an empty text.
CONTENTS = [
    ("access_token", "access_token"),
    ("access_token", "admin_access_token"),
    ("access_token", ""),
    ("", "access_token"),
    ("", ""),
]
PAIRS = [
    ((first, token), (second, other))
    for first, second in combinations_with_replacement(PLACES, 2)
    for token, other in CONTENTS
    if first != second or (first != "path" and token and other)
]
Pair = tuple[tuple[str, str], tuple[str, str]]


def bare(params: Any = None, header: str | None = None, **more: Any) -> Call:
    """Return a call whose parameters or header may hold a token."""
    headers = {} if header is None else {"Authorization": header}
    return Call(GET, params or {}, credential=None, headers=headers, **more)


def carrying(server: Server, method: str, pair: Pair, media_type: str) -> Call:
    """Return a call with the tokens in their places; a batch has others in its command."""
    found = [(place, server.issued.get(name, "")) for place, name in pair]
    body = [(place, token) for place, token in found if place in NAMES]
    query = [(place[1:], token) for place, token in found if place.startswith("?")]
    # Servers join two headers by a comma.
    header = ",".join(f"Bearer {token}" for place, token in found if place == "header")
    command = ("cmd[get]", f"profile?auth=x&access_token={server.issued['admin_access_token']}")
    return Call(
        method,
        credential="webhook" if "path" in dict(pair) else None,
        verb="POST",
        headers={"Authorization": header, "Content-Type": media_type},
        query=urlencode([*query, command]),
        raw=encoded(body, media_type),
    )


def encoded(fields: list[tuple[str, str]], media_type: str) -> bytes:
    """Return a body that may have one name twice."""
    if media_type == JSON:
        members = ", ".join(f'"{name}": "{token}"' for name, token in fields)
        return f"{{{members}}}".encode()
    return multipart(fields) if media_type == MULTIPART else urlencode(fields).encode()


def refusal(pair: Pair) -> Any:
    """Return how a call with these credentials is refused, if it is: 12.2 of the contract."""
    tokens = {token for place, token in pair if token and place != "path"}
    if len(tokens) > 1:
        return TWO
    if "path" in dict(pair):
        return BOTH if tokens else None
    return None if tokens else UNKNOWN


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


@pytest.mark.parametrize(
    ("method", "media_type"),
    [
        ("profile", JSON),
        ("profile", FORM),
        ("profile", MULTIPART),
        ("batch", JSON),
        ("batch", FORM),
    ],
)
def test_any_two_places_may_hold_one_credential_only(
    method: str, media_type: str, server: Server
) -> None:
    for pair in PAIRS:
        answer = server.send(carrying(server, method, pair, media_type))
        if refused := refusal(pair):
            assert answer.json == refused, pair
        else:
            result = answer.json["result"]
            profile = result["result"]["get"] if method == "batch" else result
            assert profile["ID"] == str(server.issued["user_id"]), pair


def test_credential_is_found_in_every_encoding(server: Server) -> None:
    places = ("header", "?auth", *NAMES)
    calls = [Call(GET, place=place, encoding=name) for name in ENCODINGS for place in places]
    calls += [Call(GET, credential="webhook", encoding=name) for name in ENCODINGS]
    calls += [Call(GET, place="auth", headers={"Authorization": "Basic eDp5"})]
    # The body of a GET is not read.
    calls += [Call(GET, raw=b"auth=x", headers={"Content-Type": FORM}, verb="GET")]
    server.check_unchanged([(call, ok(STORED)) for call in calls], STORED)


@pytest.mark.parametrize("name", NAMES)
def test_only_a_text_is_a_token(name: str, server: Server) -> None:
    refused = error("INVALID_REQUEST", f"{name} must be a string, an access token")
    for value in (5, 1.5, True, False, ["x"], {"access_token": "x"}, [], {}):
        for credential in ("access_token", "webhook", None):
            server.expect(Call(GET, {name: value}, credential=credential), refused, 400)
    server.expect(Call(GET, {name: None}), ok({}))


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
