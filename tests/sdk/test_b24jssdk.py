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


def results(answer: Any) -> list[Any]:
    """Return the results of steps that all have to succeed."""
    return [outcome["result"] for outcome in answer["outcomes"]]


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
    run: Any, make_oauth: Any, user: Any, administrator: Any
) -> None:
    assert run(make_oauth(user), {"isAdmin": None})["outcomes"] == [False]
    written = call("app.option.set", options={"a": 1}), call("app.option.get", option="a")
    is_admin, *rest = run(make_oauth(administrator), {"isAdmin": None}, *written)["outcomes"]
    assert is_admin is True
    assert [outcome["result"] for outcome in rest] == [True, 1]


def test_a_batch_answers_each_named_command(run: Any, client: Any) -> None:
    calls = {
        "set": ["user.option.set", {"options": {"a": "1 & 2 = 3", "b": ["x", {"y": "z"}]}}],
        "get": ["user.option.get", {}],
        "absent": ["user.option.get", {"option": "absent"}],
    }
    [batch] = run(client, {"batch": {"calls": calls}})["outcomes"]
    assert batch["set"]["result"] is True
    assert batch["get"]["result"] == {"a": "1 & 2 = 3", "b": ["x", {"y": "z"}]}
    assert batch["absent"]["result"] is None


def test_a_list_of_commands_is_answered_in_order_and_one_may_use_another(
    run: Any, client: Any
) -> None:
    calls = [
        ["user.option.set", {"options": {"a": "=&%[]"}}],
        ["user.option.get", {}],
        ["user.option.set", {"options": {"b": "$result[1][a]"}}],
        ["user.option.get", {"option": "b"}],
    ]
    [batch] = run(client, {"batch": {"calls": calls}})["outcomes"]
    results = [batch[f"{number}"]["result"] for number in range(4)]
    assert results == [True, {"a": "=&%[]"}, True, "=&%[]"]


@pytest.mark.parametrize("halt", [True, False], ids=["halting", "going on"])
def test_a_failed_command_of_a_batch_is_an_error_of_its_own(
    run: Any,
    client: Any,
    halt: bool,
) -> None:
    calls = {
        "bad": ["app.option.set", {"options": {"a": "b"}}],
        "good": ["user.option.set", {"options": {"a": "b"}}],
    }
    answer = run(client, {"batch": {"calls": calls, "options": {"isHaltOnError": halt}}})
    [batch] = answer["outcomes"]
    [error] = batch["bad"]["errors"]
    assert error["code"] == "AccessException"
    assert error["message"] == "Administrator authorization required"
    assert ("good" in batch) is not halt


def refusal(status: int, code: str, message: str) -> dict[str, Any]:
    """Return what the script says of the SDK's error."""
    return {"thrown": {"name": "AjaxError", "status": status, "code": code, "message": message}}


NOT_ADMINISTRATOR = "Administrator authorization required"


@pytest.mark.parametrize(
    ("dialect", "empty", "refused"),
    [
        (
            "documented",
            refusal(400, "ArgumentNullException", "options is empty"),
            refusal(400, "AccessException", NOT_ADMINISTRATOR),
        ),
        (
            "live",
            refusal(400, "ERROR_ARGUMENT", "Argument 'options' is null or empty"),
            refusal(403, "ACCESS_DENIED", f"Access denied! {NOT_ADMINISTRATOR}"),
        ),
    ],
    ids=["documented", "live"],
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
    unknown = refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
    assert answer["outcomes"] == [empty, refused, unknown]
    assert len(portal.paths) == 3


def test_an_unknown_webhook_is_the_sdks_own_error(run: Any, portal: Portal, user: Any) -> None:
    answer = run({"webhook": f"{portal.origin}/rest/{user.pk}/unknown"}, call("profile"))
    [outcome] = answer["outcomes"]
    assert (outcome["thrown"]["status"], outcome["thrown"]["code"]) == (401, "NO_AUTH_FOUND")
    assert len(portal.paths) == 1


def test_a_token_without_the_scope_is_refused(run: Any, make_oauth: Any, user: Any) -> None:
    [outcome] = run(make_oauth(user, scope=""), call("user.option.get"))["outcomes"]
    assert (outcome["thrown"]["status"], outcome["thrown"]["code"]) == (403, "insufficient_scope")


def test_a_token_that_expired_unnoticed_is_refreshed_and_the_call_repeated(
    run: Any, portal: Portal, make_oauth: Any, user: Any
) -> None:
    client = make_oauth(user, lifetime=timedelta(hours=-1))
    set_a, set_b = (call("user.option.set", options={key: 1}) for key in "ab")
    answer = run(client, set_a, set_b)
    assert results(answer) == [True, True]
    assert portal.paths == [METHOD_PATH, TOKEN_PATH, METHOD_PATH, METHOD_PATH]
    assert_refreshed(answer["refreshes"], portal)


def test_a_token_that_the_sdk_knows_to_be_expired_is_refreshed_before_the_call(
    run: Any, portal: Portal, make_oauth: Any, user: Any
) -> None:
    client = make_oauth(user, {"expires": int(time.time()) - 60})
    answer = run(client, call("user.option.set", options={"a": 1}))
    assert results(answer) == [True]
    assert portal.paths == [TOKEN_PATH, METHOD_PATH]
    assert_refreshed(answer["refreshes"], portal)


def assert_refreshed(refreshes: Any, portal: Portal) -> None:
    """One refresh took place, and the SDK keeps what it was told."""
    [refresh] = refreshes
    known = refresh["b24OAuthParams"]
    assert get_access_token_model().objects.latest("pk").token == known["accessToken"]
    current = get_refresh_token_model().objects.get(revoked=None)
    assert current.token == known["refreshToken"]
    assert known["expires"] > time.time()
    assert known["expiresIn"] > 0
    assert known["clientEndpoint"] == known["serverEndpoint"] == f"{portal.origin}/rest/"
    assert (known["scope"], known["status"]) == ("basic", "L")
    assert refresh["authData"]["access_token"] == known["accessToken"]


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
    [outcome] = run(oauth, {"refresh": None})["outcomes"]
    assert (outcome["thrown"]["status"], outcome["thrown"]["code"]) == error
