"""Tokens that another server issued, and that it describes when asked (RFC 7662)."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREIGN = "a-token-of-another-server"


class Introspection(BaseHTTPRequestHandler):
    """Describes every token in the same way."""

    described: ClassVar[dict[str, Any]] = {}
    asked = 0

    def do_POST(self) -> None:
        Introspection.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"active": True, "scope": "basic", **self.described}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    # Not `HTTPServer`, which would look up the name of this machine.
    with TCPServer(("127.0.0.1", 0), Introspection) as server:
        thread = Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/introspect/"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _introspecting(toolkit: Any, address: str, user: Any) -> None:
    toolkit(RESOURCE_SERVER_INTROSPECTION_URL=address, RESOURCE_SERVER_AUTH_TOKEN="ours")
    Introspection.described = {"username": user.username}
    Introspection.asked = 0


class OwnUsers(OAuth2Validator):
    """Finds users in a way of its own."""

    def get_or_create_user_from_content(self, content: Any) -> Any:
        assert content["client_id"]
        return OAuth2Validator.get_or_create_user_from_content(self, content)


@pytest.mark.parametrize("validator", [OAuth2Validator, OwnUsers], ids=["toolkit's", "project's"])
def test_the_application_is_that_of_the_client_id(
    call: Any, application: Any, user: Any, toolkit: Any, validator: type
) -> None:
    toolkit(OAUTH2_VALIDATOR_CLASS=f"{validator.__module__}.{validator.__qualname__}")
    Introspection.described["client_id"] = application.client_id
    for value in (1, 2):
        answer = call("user.option.set", {"options": {"a": value}}, token=FOREIGN)
        assert answer.json()["result"] is True
    assert AppUserOption.objects.for_owner(application, user).as_mapping() == {"a": 2}
    assert get_access_token_model().objects.get().application == application
    assert Introspection.asked == 1


@pytest.mark.parametrize("client_id", [None, "unknown", ""])
def test_without_such_an_application_there_is_none(call: Any, client_id: str | None) -> None:
    if client_id is not None:
        Introspection.described["client_id"] = client_id
    answer = call("user.option.get", token=FOREIGN)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "Application context required"
    assert call("profile", token=FOREIGN).status_code == 200


def test_an_application_that_is_not_usable_is_refused(
    call: Any, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Introspection.described["client_id"] = application.client_id
    monkeypatch.setattr(type(application), "is_usable", lambda *_: False)
    assert call("user.option.get", token=FOREIGN).json()["error"] == "NO_AUTH_FOUND"


def test_a_token_that_the_server_does_not_know_is_unknown(call: Any) -> None:
    Introspection.described["active"] = False
    assert call("user.option.get", token=FOREIGN).json()["error"] == "NO_AUTH_FOUND"
