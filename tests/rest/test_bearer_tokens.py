"""How a token is sent, and what the answer says about one that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import oauth2_provider
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client


@pytest.mark.parametrize(
    ("dialect", "status", "method", "scopes"),
    [("documented", 403, "user.option.get", "basic read"), ("live", 401, "app.info", "basic")],
)
def test_a_challenge_names_the_scopes_that_a_call_needs(
    call: Callable[..., Any],
    make_token: Callable[..., str],
    application: Any,
    user: Any,
    settings: Any,
    dialect: str,
    status: int,
    method: str,
    scopes: str,
) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect, "READ_SCOPE": "read"}
    answer = call(method, token=make_token(application, user, scope=""))
    challenge = f'Bearer realm="rest", error="insufficient_scope", scope="{scopes}"'
    assert (answer.status_code, answer["WWW-Authenticate"]) == (status, challenge)


def test_a_token_of_an_unusable_application_has_not_expired(
    call: Callable[..., Any], token: str, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(application), "is_usable", lambda *_: False)
    answer = call("user.option.get", token=token)
    # The toolkit of version 3.4.0 asks only when it issues a token.
    old = oauth2_provider.__version__ == "3.4.0"
    assert answer.status_code == (200 if old else 401)
    assert answer.json().get("error") == (None if old else "NO_AUTH_FOUND")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_of_a_token_may_be_written_in_any_case(
    client: Client, token: str, scheme: str
) -> None:
    headers = {"HTTP_AUTHORIZATION": f"{scheme} {token}"}
    assert client.get("/rest/user.option.get", **headers).status_code == 200
