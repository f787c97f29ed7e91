"""The consent of a user becomes an access token."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from oauth2_provider.models import get_access_token_model, get_grant_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from tests.rest.token_endpoint.calls import assert_refused, by_form

REDIRECT_URI = "http://127.0.0.1/"
VERIFIER = "verifier-of-at-least-forty-three-characters"


@pytest.mark.parametrize("sent", [{}, {"redirect_uri": REDIRECT_URI}], ids=["bare", "with address"])
def test_a_users_consent_becomes_a_token(
    exchange: Any, call: Any, consented: dict[str, str], user: Any, sent: dict[str, str]
) -> None:
    answer = exchange({**consented, **sent}).json()
    assert_refused(exchange({**consented, **sent}), 400, "invalid_grant")
    assert answer["user_id"] == user.pk
    assert answer["refresh_token"]
    profile = call("profile", token=answer["access_token"]).json()
    assert profile["result"]["ID"] == str(user.pk)


def test_a_deactivated_user_gets_no_token_and_the_code_ends(
    post: Any, consented: dict[str, str], user: Any
) -> None:
    for active in (False, True):
        user.is_active = active
        user.save()
        assert_refused(post(consented), 400, "invalid_grant")
    assert not get_access_token_model().objects.exists()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_one_of_parallel_exchanges_of_a_code_wins_and_none_fails(
    consented: dict[str, str],
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _exchange_and_close(consented), range(8)))
    # A database may be too busy for one of them, which is then to be repeated.
    assert {status for status, _ in answers} <= {200, 400, 503}
    assert [status for status, _ in answers].count(200) <= 1
    assert {body["error"] for status, body in answers if status == 400} <= {"invalid_grant"}


def _exchange_and_close(parameters: dict[str, str]) -> tuple[int, Any]:
    try:
        response = by_form(Client(), parameters)
        return response.status_code, response.json()
    finally:
        for connection in connections.all(initialized_only=True):
            # SQLite's own `close` leaves a database in memory open.
            BaseDatabaseWrapper.close(connection)


class OtherExchangeWins(OAuth2Validator):
    """Lets another exchange spend every code as soon as this one has found it valid."""

    def validate_code(self, *arguments: Any) -> bool:
        valid = super().validate_code(*arguments)
        get_grant_model().objects.all().delete()
        return valid


def test_a_code_that_another_exchange_spends_meanwhile_is_refused(
    post: Any, consented: dict[str, str], toolkit: Any
) -> None:
    toolkit(OAUTH2_VALIDATOR_CLASS=f"{__name__}.OtherExchangeWins")
    assert_refused(post(consented), 400, "invalid_grant")


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


def test_a_code_issued_for_another_address_is_refused(post: Any, consented: dict[str, str]) -> None:
    consented["redirect_uri"] = f"{REDIRECT_URI}other"
    assert_refused(post(consented), 400, "invalid_request")


@pytest.fixture
def challenged(client: Client, toolkit: Any, application: Any, user: Any) -> dict[str, str]:
    """The parameters of an exchange where the toolkit demands PKCE, as it does by default."""
    toolkit(PKCE_REQUIRED=True)
    client.force_login(user)
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = urlsafe_b64encode(digest).decode().rstrip("=")
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    return code_parameters(application, consent(client, application, **pkce))


def test_a_code_issued_with_pkce_needs_its_verifier(post: Any, challenged: dict[str, str]) -> None:
    assert post(challenged).status_code == 400
    wrong = post({**challenged, "code_verifier": VERIFIER[::-1]})
    assert_refused(wrong, 400, "invalid_grant")
    assert post({**challenged, "code_verifier": VERIFIER}).status_code == 200
