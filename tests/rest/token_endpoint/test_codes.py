"""The consent of a user becomes an access token."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.rest.token_endpoint.calls import (
    assert_refused,
)

if TYPE_CHECKING:
    from django.test import Client

REDIRECT_URI = "http://127.0.0.1/"
VERIFIER = "verifier-of-at-least-forty-three-characters"


@pytest.mark.parametrize("sent", [{}, {"redirect_uri": REDIRECT_URI}], ids=["bare", "with address"])
def test_a_users_consent_becomes_a_token(
    exchange: Any, call: Any, consented: dict[str, str], user: Any, sent: dict[str, str]
) -> None:
    answer = exchange({**consented, **sent}).json()
    assert answer["user_id"] == user.pk
    assert answer["refresh_token"]
    profile = call("profile", token=answer["access_token"]).json()
    assert profile["result"]["ID"] == str(user.pk)


def test_a_code_is_used_once(exchange: Any, consented: dict[str, str]) -> None:
    assert exchange(consented).status_code == 200
    assert_refused(exchange(consented), 400, "invalid_grant")


@pytest.fixture
def consented(client: Client, application: Any, user: Any) -> dict[str, str]:
    """The parameters of the exchange that follows a user's consent."""
    client.force_login(user)
    return code_parameters(application, consent(client, application))


def code_parameters(application: Any, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "code": code,
    }


def consent(client: Client, application: Any, **extra: str) -> str:
    """Let the logged-in user allow the application; return the code it gets."""
    request = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "basic",
        "state": "state",
        **extra,
    }
    assert client.get("/o/authorize/", request).status_code == 200
    redirect = client.post("/o/authorize/", {**request, "allow": "true"})
    query = parse_qs(urlsplit(redirect["Location"]).query)
    assert query["state"] == ["state"]
    return query["code"][0]


def test_a_code_issued_for_another_address_is_refused(
    exchange: Any, consented: dict[str, str]
) -> None:
    consented["redirect_uri"] = f"{REDIRECT_URI}other"
    assert_refused(exchange(consented), 400, "invalid_request")


@pytest.fixture
def challenged(client: Client, settings: Any, application: Any, user: Any) -> dict[str, str]:
    """The parameters of an exchange where the toolkit demands PKCE, as it does by default."""
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "PKCE_REQUIRED": True}
    client.force_login(user)
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = urlsafe_b64encode(digest).decode().rstrip("=")
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    return code_parameters(application, consent(client, application, **pkce))


def test_the_verifier_of_pkce_is_handed_on(exchange: Any, challenged: dict[str, str]) -> None:
    assert exchange({**challenged, "code_verifier": VERIFIER}).status_code == 200


def test_a_wrong_verifier_is_refused(exchange: Any, challenged: dict[str, str]) -> None:
    response = exchange({**challenged, "code_verifier": VERIFIER[::-1]})
    assert_refused(response, 400, "invalid_grant")


def test_a_code_issued_with_pkce_needs_its_verifier(
    exchange: Any, challenged: dict[str, str]
) -> None:
    assert exchange(challenged).status_code == 400
