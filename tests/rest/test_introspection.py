"""Tokens that another server issued, and that it describes when asked (RFC 7662)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from django_user_options.models import AppUserOption

FOREIGN = "a-token-of-another-server"


class Introspection:
    """A server that describes every token in the same way."""

    def __init__(self, **described: Any) -> None:
        self.described, self.asked = {"active": True, "scope": "basic", **described}, 0

    def post(self, *_: Any, **__: Any) -> requests.Response:
        self.asked += 1
        answer = requests.Response()
        answer.status_code, answer._content = 200, json.dumps(self.described).encode()
        return answer


@pytest.fixture(autouse=True)
def server(toolkit: Any, user: Any, monkeypatch: pytest.MonkeyPatch) -> Introspection:
    url = "http://other.example/introspect/"
    toolkit(RESOURCE_SERVER_INTROSPECTION_URL=url, RESOURCE_SERVER_AUTH_TOKEN="ours")
    server = Introspection(username=user.username)
    monkeypatch.setattr(requests, "post", server.post)
    return server


class OwnUsers(OAuth2Validator):
    """Finds users in a way of its own."""

    def get_or_create_user_from_content(self, content: Any) -> Any:
        assert content["client_id"]
        return OAuth2Validator.get_or_create_user_from_content(self, content)


@pytest.mark.parametrize("validator", [OAuth2Validator, OwnUsers], ids=["toolkit's", "project's"])
def test_the_application_is_that_of_the_client_id(
    call: Any, application: Any, user: Any, toolkit: Any, server: Introspection, validator: type
) -> None:
    toolkit(OAUTH2_VALIDATOR_CLASS=f"{validator.__module__}.{validator.__qualname__}")
    server.described["client_id"] = application.client_id
    for value in (1, 2):
        answer = call("user.option.set", {"options": {"a": value}}, token=FOREIGN)
        assert answer.json()["result"] is True
    assert AppUserOption.objects.for_owner(application, user).as_mapping() == {"a": 2}
    assert get_access_token_model().objects.get().application == application
    assert server.asked == 1


@pytest.mark.parametrize("client_id", [None, "unknown", ""])
def test_without_such_an_application_there_is_none(
    call: Any, server: Introspection, client_id: str | None
) -> None:
    if client_id is not None:
        server.described["client_id"] = client_id
    answer = call("user.option.get", token=FOREIGN)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "Application context required"
    assert call("profile", token=FOREIGN).status_code == 200


def test_an_application_that_is_not_usable_is_refused(
    call: Any, application: Any, server: Introspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.described["client_id"] = application.client_id
    monkeypatch.setattr(type(application), "is_usable", lambda *_: False)
    assert call("user.option.get", token=FOREIGN).json()["error"] == "NO_AUTH_FOUND"


def test_a_token_that_the_server_does_not_know_is_unknown(call: Any, server: Introspection) -> None:
    server.described["active"] = False
    assert call("user.option.get", token=FOREIGN).json()["error"] == "NO_AUTH_FOUND"
