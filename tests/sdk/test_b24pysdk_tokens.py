"""The vendor's SDK for Python: how it gets its tokens, and new ones when they expire."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from oauth2_provider.models import get_refresh_token_model

if TYPE_CHECKING:
    from django.test import Client

    from tests.sdk.conftest import Portal

pytestmark = pytest.mark.sdk

METHOD_PATH = "/rest/user.option.set.json"
TOKEN_PATH = "/oauth/token/"


@pytest.fixture
def errors() -> Any:
    return importlib.import_module("b24pysdk.errors.oauth")


@pytest.fixture
def expired(make_credential: Any, user: Any) -> Any:
    """A token that has expired, which the SDK does not know."""
    return make_credential(user, lifetime=timedelta(hours=-1))


@pytest.mark.parametrize("hours", [None, 1, -1], ids=["unknown", "believed valid", "known"])
def test_an_expired_token_is_refreshed_and_used_until_it_expires(
    sdk: Any, portal: Portal, expired: Any, hours: int | None
) -> None:
    before = (expired.auth_token, expired.refresh_token)
    expired.expires = hours and datetime.now(UTC) + timedelta(hours=hours)
    api = sdk.Client(expired)
    assert api.user.option.set({"a": 1}).result is True
    refused = [] if hours == -1 else [METHOD_PATH]
    assert portal.paths == [*refused, TOKEN_PATH, METHOD_PATH]
    assert expired.auth_token != before[0]
    assert expired.refresh_token != before[1]
    assert expired.has_expired is False
    api.user.option.set({"b": 2}).call()
    assert portal.paths.count(TOKEN_PATH) == 1
    assert api.user.option.get().result == {"a": 1, "b": 2}


def test_a_batch_is_repeated_after_a_refresh(sdk: Any, portal: Portal, expired: Any) -> None:
    api = sdk.Client(expired)
    batch = api.call_batch({"set": api.user.option.set({"a": "b"})}).result
    assert batch.result == {"set": True}
    assert portal.paths == ["/rest/batch.json", TOKEN_PATH, "/rest/batch.json"]


def test_a_refresh_answers_all_that_the_sdk_reads(expired: Any, user: Any) -> None:
    expired.refresh_and_set_oauth_token()
    renewed = expired.refresh_oauth_token()
    lifetime = renewed.oauth_token.expires - datetime.now(UTC)
    assert abs(lifetime - timedelta(seconds=renewed.oauth_token.expires_in)) < timedelta(minutes=1)
    assert (renewed.user_id, renewed.status.value, renewed.scope) == (user.pk, "L", ["basic"])
    assert renewed.client_endpoint.endswith("/rest/")
    assert renewed.server_endpoint.endswith("/rest/")
    assert renewed.domain
    assert renewed.member_id


def test_a_refused_refresh_is_the_sdks_own_exception(expired: Any, errors: Any) -> None:
    secret, expired.bitrix_app.client_secret = expired.bitrix_app.client_secret, "wrong"
    with pytest.raises(errors.BitrixOAuthInvalidClient):
        expired.call_method("user.option.get")
    expired.bitrix_app.client_secret = secret
    get_refresh_token_model().objects.get(token=expired.refresh_token).revoke()
    with pytest.raises(errors.BitrixOAuthInvalidGrant):
        expired.refresh_and_set_oauth_token()


@pytest.fixture
def code(client: Client, application: Any, user: Any) -> str:
    """A code as the toolkit's own view issues it to a logged-in user's application."""
    application.skip_authorization = True
    application.save()
    client.force_login(user)
    query = {"response_type": "code", "client_id": application.client_id, "scope": "basic"}
    redirect = client.get("/o/authorize/", query)
    return parse_qs(urlsplit(redirect["Location"]).query)["code"][0]


def test_a_code_that_the_user_consented_to_becomes_a_token(
    sdk: Any, portal: Portal, application: Any, user: Any, code: str
) -> None:
    app = sdk.BitrixAppLocal(
        domain=portal.domain,
        client_id=application.client_id,
        client_secret=application.client_secret,
    )
    token = sdk.BitrixTokenLocal.from_oauth(app.get_oauth_token(code), app)
    assert sdk.Client(token).profile().value.bitrix_id == user.pk
    assert sdk.Client(token).user.option.set({"a": 1}).result is True
