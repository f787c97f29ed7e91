"""The vendor's SDK for JavaScript, unmodified, over a real socket."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sdk.conftest import Portal

pytestmark = pytest.mark.sdk

SCRIPT = Path(__file__).with_name("b24jssdk.mjs")
METHOD_PATH = "/rest//user.option.set"
TOKEN_PATH = "/oauth/token/"
NOT_ADMINISTRATOR = "Administrator authorization required"


@pytest.fixture
def run(portal: Portal, sdk_folder: Path) -> Callable[..., Any]:
    """Take steps with one client of the SDK; return the script's answer."""

    def run(client: dict[str, Any], *steps: Any) -> Any:
        return portal.run_node(SCRIPT, sdk_folder, given={**client, "steps": steps})

    return run


@pytest.fixture
def webhook(portal: Portal, user: Any, application: Any, make_webhook: Any) -> dict[str, Any]:
    return {"webhook": f"{portal.origin}/rest/{make_webhook(user, application)}"}


@pytest.fixture
def make_oauth(portal: Portal, application: Any, make_token: Any) -> Callable[..., dict[str, Any]]:
    """Return what the SDK is to know of an access token; `known` changes parts of it."""

    def make(user: Any, known: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        access_token = make_token(application, user, **fields)
        oauth = {
            "applicationToken": "",
            "userId": user.pk,
            "memberId": "member",
            "accessToken": access_token,
            "refreshToken": issue_refresh_token(access_token),
            "expires": int(time.time()) + 3600,
            "expiresIn": 3600,
            "scope": "basic",
            "domain": portal.origin,
            "clientEndpoint": f"{portal.origin}/rest/",
            "serverEndpoint": f"{portal.origin}/rest/",
            "status": "L",
            **(known or {}),
        }
        secret = application.client_secret
        return {
            "oauth": oauth,
            "secret": {"clientId": application.client_id, "clientSecret": secret},
        }

    return make


@pytest.fixture
def oauth(make_oauth: Any, user: Any) -> dict[str, Any]:
    return make_oauth(user)


@pytest.fixture(params=["webhook", "oauth"])
def client(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Either of the two; what a webhook's application stores is its owner's."""
    return request.getfixturevalue(request.param)


def call(method: str, **params: Any) -> dict[str, Any]:
    return {"call": [method, params]}


def test_options_are_set_read_and_deleted(run: Any, client: Any) -> None:
    options = {
        "theme": "dark",
        "Theme": "light",
        "größe": 12,
        "ratio": 0.1,
        "on": True,
        "off": False,
        "nothing": None,
        "list": [1, "2", [], {}],
        "nested": {"error": "none", "next": 50},
        "error": "an option like any other",
    }
    answer = run(
        client,
        {"healthCheck": None},
        call("user.option.get"),
        call("user.option.set", options=options),
        call("user.option.get"),
        call("user.option.get", option="nested"),
        call("user.option.delete", option="theme"),
        call("user.option.get", option="theme"),
    )
    healthy, *rest = answer["outcomes"]
    assert healthy is True
    results = [outcome["result"] for outcome in rest]
    assert results == [{}, True, options, options["nested"], True, None]


def test_an_administrator_is_known_and_writes_options_of_the_application(
    run: Any, make_oauth: Any, administrator: Any
) -> None:
    written = call("app.option.set", options={"a": 1}), call("app.option.get", option="a")
    is_admin, *rest = run(make_oauth(administrator), {"isAdmin": None}, *written)["outcomes"]
    assert is_admin is True
    assert [outcome["result"] for outcome in rest] == [True, 1]


def test_commands_of_a_batch_are_answered_by_name_and_by_number(run: Any, client: Any) -> None:
    options = {"a": "1 & 2 = 3", "b": ["x", {"y": "z"}]}
    named = {
        "set": ["user.option.set", {"options": options}],
        "get": ["user.option.get", {}],
        "absent": ["user.option.get", {"option": "absent"}],
    }
    listed = [
        ["user.option.get", {}],
        ["user.option.set", {"options": {"c": "$result[0][a]"}}],
        ["user.option.get", {"option": "c"}],
    ]
    by_name, by_number = run(client, *({"batch": {"calls": c}} for c in (named, listed)))[
        "outcomes"
    ]
    results = {name: outcome["result"] for name, outcome in by_name.items()}
    assert results == {"set": True, "get": options, "absent": None}
    results = [by_number[number]["result"] for number in "012"]
    assert results == [options, True, "1 & 2 = 3"]


def test_a_failed_command_of_a_batch_is_an_error_of_its_own(run: Any, client: Any) -> None:
    calls = {
        "bad": ["app.option.set", {"options": {"a": "b"}}],
        "good": ["user.option.set", {"options": {"a": "b"}}],
    }
    steps = [{"batch": {"calls": calls, "options": {"isHaltOnError": halt}}} for halt in (1, 0)]
    halted, went_on = run(client, *steps)["outcomes"]
    assert (halted.keys(), went_on.keys()) == ({"bad"}, {"bad", "good"})
    for batch in (halted, went_on):
        [error] = batch["bad"]["errors"]
        assert (error["code"], error["message"]) == ("AccessException", NOT_ADMINISTRATOR)


def thrown(answer: Any) -> list[tuple[int, str]]:
    """Return what the SDK says of steps that all have to fail."""
    errors = [outcome["thrown"] for outcome in answer["outcomes"]]
    return [(error["status"], error["code"]) for error in errors]


@pytest.mark.parametrize(
    ("dialect", "empty", "refused"),
    [
        ("documented", (400, "ArgumentNullException"), (400, "AccessException")),
        ("live", (400, "ERROR_ARGUMENT"), (403, "ACCESS_DENIED")),
    ],
)
def test_refusals_are_the_sdks_own_errors_and_not_repeated(
    run: Any, oauth: Any, portal: Portal, settings: Any, dialect: str, empty: Any, refused: Any
) -> None:
    settings.USER_OPTIONS = {"DIALECT": dialect}
    answer = run(
        oauth,
        call("user.option.set", options={}),
        call("app.option.set", options={"a": 1}),
        call("no.such.method"),
    )
    assert thrown(answer) == [empty, refused, (404, "ERROR_METHOD_NOT_FOUND")]
    assert NOT_ADMINISTRATOR in answer["outcomes"][1]["thrown"]["message"]
    assert len(portal.paths) == 3


def test_refused_credentials_are_the_sdks_own_errors(
    run: Any, portal: Portal, make_oauth: Any, user: Any
) -> None:
    webhook = {"webhook": f"{portal.origin}/rest/{user.pk}/unknown"}
    assert thrown(run(webhook, call("profile"))) == [(401, "NO_AUTH_FOUND")]
    assert len(portal.paths) == 1
    without_scope = make_oauth(user, scope="")
    assert thrown(run(without_scope, call("profile"))) == [(403, "insufficient_scope")]


@pytest.mark.parametrize("known", [False, True])
def test_an_expired_token_is_refreshed_once_and_the_call_repeated_if_it_was_not_known(
    run: Any, portal: Portal, make_oauth: Any, user: Any, known: bool
) -> None:
    knowledge = {"expires": int(time.time()) - 60} if known else None
    client = make_oauth(user, knowledge, lifetime=timedelta(hours=-1))
    set_a, set_b = (call("user.option.set", options={key: 1}) for key in "ab")
    answer = run(client, set_a, set_b)
    assert [outcome["result"] for outcome in answer["outcomes"]] == [True, True]
    refused = [] if known else [METHOD_PATH]
    assert portal.paths == [*refused, TOKEN_PATH, METHOD_PATH, METHOD_PATH]
    [refresh] = answer["refreshes"]
    kept = refresh["b24OAuthParams"]
    assert get_access_token_model().objects.latest("pk").token == kept["accessToken"]
    current = get_refresh_token_model().objects.get(revoked=None)
    assert current.token == kept["refreshToken"]
    assert kept["expires"] > time.time()
    assert kept["expiresIn"] > 0
    assert kept["clientEndpoint"] == kept["serverEndpoint"] == f"{portal.origin}/rest/"
    assert (kept["scope"], kept["status"]) == ("basic", "L")
    assert refresh["authData"]["access_token"] == kept["accessToken"]


def test_tokens_from_the_form_of_a_frame_are_refreshed_at_the_server_that_it_names(
    run: Any, portal: Portal, make_oauth: Any, user: Any
) -> None:
    known = {"serverEndpoint": f"{portal.origin}/oauth/rest/", "expires": int(time.time()) - 60}
    answer = run(make_oauth(user, known), call("user.option.set", options={"a": 1}))
    assert [outcome["result"] for outcome in answer["outcomes"]] == [True]
    assert portal.paths == ["/oauth/oauth/token/", METHOD_PATH]


def test_a_refresh_token_that_is_refused_ends_the_call(
    run: Any, portal: Portal, make_oauth: Any, user: Any
) -> None:
    client = make_oauth(user, {"refreshToken": "unknown"}, lifetime=timedelta(hours=-1))
    [outcome] = run(client, call("user.option.set", options={"a": 1}))["outcomes"]
    assert "thrown" in outcome
    assert portal.paths == [METHOD_PATH, TOKEN_PATH]


@pytest.mark.parametrize(
    ("part", "name", "error"),
    [
        ("oauth", "refreshToken", (400, "invalid_grant")),
        ("secret", "clientSecret", (401, "invalid_client")),
    ],
)
def test_a_refused_refresh_is_the_sdks_own_error(
    run: Any, oauth: Any, part: str, name: str, error: tuple[int, str]
) -> None:
    oauth[part][name] = "wrong"
    assert thrown(run(oauth, {"refresh": None})) == [error]
