"""A refresh token becomes an access token, with all that the vendor's SDKs read."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from tests.rest.token_endpoint.calls import FORM, PATH, by_form, by_query
from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from django.test import Client


def test_a_refresh_answers_everything_that_the_sdks_read(
    exchange: Any, call: Any, refresh: Any, user: Any
) -> None:
    before = int(time.time())
    response = exchange(refresh)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    answer = response.json()
    assert answer == {
        "access_token": get_access_token_model().objects.latest("pk").token,
        "refresh_token": get_refresh_token_model().objects.get(revoked=None).token,
        "token_type": "Bearer",
        "expires": answer["expires"],
        "expires_in": answer["expires_in"],
        "scope": "basic",
        "domain": "testserver",
        "server_endpoint": "http://testserver/rest/",
        "client_endpoint": "http://testserver/rest/",
        "member_id": answer["member_id"],
        "user_id": user.pk,
        "status": "L",
    }
    assert type(answer["expires"]) is type(answer["expires_in"]) is int
    assert before <= answer["expires"] - answer["expires_in"] <= time.time()
    token = answer["access_token"]
    assert call("user.option.set", {"options": {"a": 1}}, token=token).json()["result"] is True


def test_an_expired_token_is_refreshed_and_its_scopes_are_separated_by_commas(
    client: Client, call: Any, refresh: Any, make_token: Any, application: Any, user: Any,
    toolkit: Any,
) -> None:  # fmt: skip
    toolkit(SCOPES={"basic": "Own options", "notes": "Notes"})
    expired = make_token(application, user, scope="basic notes", lifetime=timedelta(hours=-1))
    assert call("user.option.get", token=expired).json()["error"] == "expired_token"
    refresh["refresh_token"] = issue_refresh_token(expired)
    answer = by_query(client, refresh).json()
    assert answer["scope"] == "basic,notes"
    assert call("user.option.get", token=answer["access_token"]).json()["result"] == {}


def test_the_member_id_stays_the_same_at_every_address_and_the_endpoints_do_not(
    post: Any, refresh: Any, settings: Any
) -> None:
    first = post(refresh).json()
    refresh["refresh_token"] = first["refresh_token"]
    second = post(refresh, SERVER_NAME="localhost", SERVER_PORT="8443", secure=True).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["member_id"] == first["member_id"] != ""
    assert second["domain"] == "localhost:8443"
    assert second["client_endpoint"] == second["server_endpoint"] == "https://localhost:8443/rest/"
    settings.USER_OPTIONS = {"MEMBER_ID": "our-installation"}
    refresh["refresh_token"] = second["refresh_token"]
    assert post(refresh).json()["member_id"] == "our-installation"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/token/"])
def test_a_trailing_slash_makes_no_difference(client: Client, refresh: Any, path: str) -> None:
    assert by_query(client, refresh, path).status_code == 200


def test_the_body_overrides_the_query_and_unknown_parameters_are_ignored(
    client: Client, refresh: Any
) -> None:
    query = urlencode({**refresh, "refresh_token": "unknown"})
    extra = {"bx24_request_id": "1", "username": "ann", "password": "pw", "scope": "other"}
    body = urlencode({**refresh, **extra})
    answer = client.post(f"{PATH}?{query}", body, content_type=FORM)
    assert answer.json()["scope"] == "basic"


def test_neither_session_nor_csrf_token_is_asked_for(refresh: Any, client: Client) -> None:
    client.handler.enforce_csrf_checks = True
    response = by_form(client, refresh)
    assert response.status_code == 200
    assert not response.cookies
