"""What the toolkit refuses is refused, in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from tests.rest.token_endpoint.calls import (
    PATH,
    assert_refused,
    by_form,
    by_query,
)

if TYPE_CHECKING:
    from django.test import Client


@pytest.mark.parametrize("name", ["client_secret", "client_id"])
@pytest.mark.parametrize("value", ["wrong", ""])
def test_a_client_that_does_not_authenticate_is_refused(
    post: Any, refresh: Any, name: str, value: str
) -> None:
    response = post({**refresh, name: value})
    assert_refused(response, 401, "invalid_client")


@pytest.mark.parametrize("name", ["client_secret", "client_id"])
def test_a_client_that_is_not_named_is_refused(post: Any, refresh: Any, name: str) -> None:
    del refresh[name]
    assert_refused(post(refresh), 401, "invalid_client")


@pytest.mark.parametrize("value", ["unknown", ""])
def test_an_unknown_refresh_token_is_refused(post: Any, refresh: Any, value: str) -> None:
    assert_refused(post({**refresh, "refresh_token": value}), 400, "invalid_grant")


def test_a_missing_refresh_token_is_refused(post: Any, refresh: Any) -> None:
    del refresh["refresh_token"]
    assert_refused(post(refresh), 400, "invalid_request")


def test_a_missing_code_is_refused(post: Any, refresh: Any) -> None:
    assert_refused(post({**refresh, "grant_type": "authorization_code"}), 400, "invalid_request")


def test_an_unknown_code_is_refused(post: Any, refresh: Any) -> None:
    parameters = {**refresh, "grant_type": "authorization_code", "code": "unknown"}
    assert_refused(post(parameters), 400, "invalid_grant")


def test_a_refresh_token_is_used_once(post: Any, refresh: Any) -> None:
    assert post(refresh).status_code == 200
    assert_refused(post(refresh), 400, "invalid_grant")


def test_a_revoked_refresh_token_is_refused(post: Any, refresh: Any) -> None:
    get_refresh_token_model().objects.get().revoke()
    assert_refused(post(refresh), 400, "invalid_grant")


def test_the_refresh_token_of_another_client_is_refused(
    post: Any, refresh: Any, make_application: Any
) -> None:
    other = make_application(name="Other")
    credentials = {"client_id": other.client_id, "client_secret": other.client_secret}
    assert_refused(post({**refresh, **credentials}), 400, "invalid_grant")
    assert get_refresh_token_model().objects.get().revoked is None


@pytest.mark.parametrize(
    "grant_type",
    ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code", "", "x"],
)
def test_other_grant_types_are_not_supported(post: Any, refresh: Any, grant_type: str) -> None:
    extra = {"grant_type": grant_type, "username": "ann", "password": "pw"}
    assert_refused(post({**refresh, **extra}), 400, "unsupported_grant_type")
    assert get_access_token_model().objects.count() == 1


def test_client_credentials_are_not_exchanged_here(
    post: Any, make_application: Any, user: Any
) -> None:
    worker = make_application(authorization_grant_type="client-credentials", user=user)
    parameters = {
        "grant_type": "client_credentials",
        "client_id": worker.client_id,
        "client_secret": worker.client_secret,
    }
    assert_refused(post(parameters), 400, "unsupported_grant_type")


def test_a_missing_grant_type_is_not_supported(post: Any, refresh: Any) -> None:
    del refresh["grant_type"]
    assert_refused(post(refresh), 400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "change",
    [
        {"client_secret": "wrong"},
        {"client_id": "unknown"},
        {"refresh_token": "unknown"},
        {"refresh_token": ""},
        {"grant_type": "authorization_code"},
        {"grant_type": "authorization_code", "code": "unknown"},
        {"grant_type": "unknown"},
    ],
    ids=str,
)
def test_a_refusal_is_the_toolkits_own_with_a_description(
    client: Client, refresh: Any, change: Any
) -> None:
    parameters = {**refresh, **change}
    ours = by_form(client, parameters)
    theirs = by_form(client, parameters, "/o/token/")
    assert ours.status_code == theirs.status_code
    assert ours.json() == {
        "error_description": ours.json()["error_description"],
        **theirs.json(),
    }
    assert ours.json()["error_description"]


def test_a_refused_client_is_challenged(client: Client, refresh: Any) -> None:
    parameters = {**refresh, "client_secret": "wrong"}
    theirs = by_form(client, parameters, "/o/token/")
    assert by_query(client, parameters)["WWW-Authenticate"] == theirs["WWW-Authenticate"]


@pytest.mark.parametrize("verb", ["head", "put", "patch", "delete"])
def test_other_verbs_are_not_allowed(client: Client, refresh: Any, verb: str) -> None:
    response = getattr(client, verb)(PATH, QUERY_STRING=urlencode(refresh))
    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response["Allow"].split(", "))
    assert get_refresh_token_model().objects.get().revoked is None


def test_plain_http_is_refused_where_the_host_requires_https(
    client: Client, settings: Any, refresh: Any
) -> None:
    settings.USER_OPTIONS = {"REQUIRE_HTTPS": True}
    refused = client.get(PATH, refresh)
    assert refused.status_code == 400
    assert refused.json() == {"error": "invalid_request", "error_description": "Https required"}
    assert client.get(PATH, refresh, secure=True).status_code == 200


def test_options_exchanges_nothing(client: Client, refresh: Any) -> None:
    response = client.options(PATH, QUERY_STRING=urlencode(refresh))
    assert response.status_code in {200, 204}
    assert response.content == b""
    assert get_refresh_token_model().objects.get().revoked is None
