"""Where users consent, as the vendor's clients ask for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

PAGE = "/oauth/authorize/"


@pytest.fixture(autouse=True)
def exempt(settings: Any, application: Any, user: Any, client: Client) -> None:
    """Exempt the one application from PKCE, and sign in."""
    exempt = application.client_id
    settings.OAUTH2_PROVIDER = {
        "SCOPES": {"basic": "Own options", "more": "More"},
        "PKCE_REQUIRED": lambda client_id: client_id != exempt,
    }
    client.force_login(user)


def consent(client: Client, **query: str) -> Any:
    """Press the button on the page; return where it leads."""
    shown = client.get(PAGE, query)
    initial = {name: value for name, value in shown.context["form"].initial.items() if value}
    address = f"{PAGE}?{shown.request['QUERY_STRING']}"
    return client.post(address, {**initial, "allow": "1"})


@pytest.mark.parametrize("skips", [False, True])
def test_the_code_comes_with_the_sdks_parameters_and_gets_tokens(
    client: Client, application: Any, user: Any, skips: bool
) -> None:
    application.skip_authorization = skips
    application.save()
    query = {"client_id": application.client_id, "state": "a&b é"}
    left = client.get(PAGE, query) if skips else consent(client, **query)
    address, _, returned = left["Location"].partition("?")
    assert address == application.redirect_uris
    parameters = dict(parse_qsl(returned))
    form = {
        "grant_type": "authorization_code",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "code": parameters.pop("code"),
    }
    tokens = client.post("/oauth/token/", form).json()
    assert parameters == {
        "state": "a&b é",
        "domain": "testserver",
        "member_id": tokens["member_id"],
        "scope": "basic,more",
        "server_domain": "testserver",
    }
    assert (tokens["user_id"], tokens["scope"]) == (user.pk, "basic,more")


def test_pkce_stays_required_for_others(client: Client, make_application: Any) -> None:
    other = make_application(name="Other")
    refused = client.get(PAGE, {"client_id": other.client_id, "state": "s"})
    assert refused.status_code == HTTPStatus.FOUND
    answer = dict(parse_qsl(urlsplit(refused["Location"]).query))
    assert (answer["error"], answer["state"]) == ("invalid_request", "s")
    assert "Code challenge required" in answer["error_description"]


def test_what_the_toolkit_refuses_is_refused(client: Client, application: Any) -> None:
    elsewhere = {"client_id": application.client_id, "redirect_uri": "https://evil.example/"}
    for query in ({}, {"client_id": "unknown"}, {"client_id": "NUL\0"}, elsewhere):
        assert client.get(PAGE, query).status_code == HTTPStatus.BAD_REQUEST


def test_a_refused_consent_says_so(client: Client, application: Any) -> None:
    query = {"client_id": application.client_id, "redirect_uri": application.redirect_uris}
    form = {**query, "response_type": "code", "scope": "basic", "state": "s"}
    left = client.post(PAGE, form)["Location"]
    assert left == f"{application.redirect_uris}?error=access_denied&state=s"


def test_a_visitor_signs_in_first(client: Client, application: Any) -> None:
    client.logout()
    query = f"client_id={application.client_id}&state=s"
    left = client.get(f"{PAGE}?{query}")["Location"]
    assert dict(parse_qsl(urlsplit(left).query))["next"] == f"{PAGE}?{query}"
