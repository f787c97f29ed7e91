"""What the toolkit refuses is refused, in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from tests.rest.token_endpoint.calls import PATH, assert_refused, by_form

if TYPE_CHECKING:
    from django.test import Client

CODE = {"grant_type": "authorization_code"}


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "unknown"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"refresh_token": "unknown"}, 400, "invalid_grant"),
        ({"refresh_token": ""}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_request"),
        (CODE, 400, "invalid_request"),
        ({**CODE, "code": "unknown"}, 400, "invalid_grant"),
        ({"grant_type": "unknown"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
    ],
    ids=str,
)
def test_a_refusal_is_the_toolkits_own_with_a_description(
    client: Client, refresh: Any, change: Any, status: int, error: str
) -> None:
    changed = {**refresh, **change}
    parameters = {name: value for name, value in changed.items() if value is not None}
    ours, theirs = by_form(client, parameters), by_form(client, parameters, "/o/token/")
    assert_refused(ours, status, error)
    assert theirs.status_code == status
    assert ours.get("WWW-Authenticate") == theirs.get("WWW-Authenticate")
    described = {"error_description": ours.json()["error_description"]}
    assert ours.json() == {**described, **theirs.json()}


def test_a_refresh_token_that_was_used_or_revoked_is_refused(post: Any, refresh: Any) -> None:
    answer = post(refresh).json()
    assert_refused(post(refresh), 400, "invalid_grant")
    get_refresh_token_model().objects.get(revoked=None).revoke()
    refresh["refresh_token"] = answer["refresh_token"]
    assert_refused(post(refresh), 400, "invalid_grant")


@pytest.mark.parametrize("active", [True, False])
def test_the_refresh_token_of_another_client_is_refused_and_not_ended(
    post: Any, refresh: Any, user: Any, make_application: Any, active: bool
) -> None:
    user.is_active = active
    user.save()
    other = make_application(name="Other")
    credentials = {"client_id": other.client_id, "client_secret": other.client_secret}
    assert_refused(post({**refresh, **credentials}), 400, "invalid_grant")
    assert get_refresh_token_model().objects.get().revoked is None


@pytest.mark.parametrize(
    "grant_type",
    ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"],
)
def test_other_grant_types_of_the_toolkit_are_not_supported(
    post: Any, make_application: Any, refresh: Any, user: Any, grant_type: str
) -> None:
    worker = make_application(authorization_grant_type=grant_type, user=user)
    sent = {"client_id": worker.client_id, "client_secret": worker.client_secret}
    sent |= {"grant_type": grant_type, "username": "ann", "password": "pw"}
    assert_refused(post(sent), 400, "unsupported_grant_type")
    assert get_access_token_model().objects.count() == 1


def test_a_missing_grant_type_is_not_supported(post: Any, refresh: Any) -> None:
    del refresh["grant_type"]
    assert_refused(post(refresh), 400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("verb", "status"),
    [("head", 405), ("put", 405), ("patch", 405), ("delete", 405), ("options", 204)],
)
def test_other_verbs_exchange_nothing(client: Client, refresh: Any, verb: str, status: int) -> None:
    response = getattr(client, verb)(PATH, QUERY_STRING=urlencode(refresh))
    assert response.status_code == status
    assert {"GET", "POST"} <= set(response["Allow"].split(", "))
    assert status == 405 or response.content == b""
    assert get_refresh_token_model().objects.get().revoked is None


def test_plain_http_is_refused_where_the_project_requires_https(
    client: Client, settings: Any, refresh: Any
) -> None:
    settings.USER_OPTIONS = {"REQUIRE_HTTPS": True}
    refused = client.get(PATH, refresh)
    assert refused.status_code == 400
    assert refused.json() == {"error": "invalid_request", "error_description": "Https required"}
    assert client.get(PATH, refresh, secure=True).status_code == 200
