"""Scopes for reading, writing and administrating, and the project's own rule of access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from django_user_options.models import AppOption, InboundWebhook
from tests.contract.table import DENIED, NO_SCOPE, error

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

GET, SET, DELETE = "user.option.get", "user.option.set", "user.option.delete"
OPTIONS = {"options": {"a": 1}}
NO_ACCESS = error("user_access_error", "The user does not have access to the application")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("basic read", {GET, "app.option.get"}),
        ("basic write", {SET, DELETE, "app.option.set", "app.option.delete"}),
        ("read write", set()),
    ],
)
def test_reading_and_writing_can_have_scopes_of_their_own(
    call: Any, settings: Any, application: Any, administrator: Any, make_token: Any,
    scope: str, allowed: set[str],
) -> None:  # fmt: skip
    settings.USER_OPTIONS = {"READ_SCOPE": "read", "WRITE_SCOPE": "write"}
    token = make_token(application, administrator, scope=scope)
    answers = {
        method: call(method, {**OPTIONS, "option": "a"}, token=token)
        for owner in ("user", "app")
        for method in (f"{owner}.option.{verb}" for verb in ("get", "set", "delete"))
    }
    refused = {method for method, answer in answers.items() if answer.json() == NO_SCOPE}
    assert refused == set(answers) - allowed
    assert {answers[method].status_code for method in allowed} <= {200}
    listed = call("methods", token=make_token(application, administrator, scope=f"basic {scope}"))
    assert allowed <= set(listed.json()["result"])


@pytest.mark.parametrize(("scope", "may"), [("basic", False), ("basic admin", True)])
def test_administrator_rights_can_need_a_scope(
    call: Any, settings: Any, application: Any, administrator: Any, user: Any, make_token: Any,
    scope: str, may: bool,
) -> None:  # fmt: skip
    settings.USER_OPTIONS = {"ADMINISTRATOR_SCOPE": "admin"}
    token = make_token(application, administrator, scope=scope)
    _, secret = InboundWebhook.objects.issue(
        owner=administrator, application=application, scope=scope, allow_admin=True
    )
    for credential in ({"token": token}, {"prefix": f"/rest/{administrator.pk}/{secret}/"}):
        for method, params in (("app.option.set", OPTIONS), (GET, {"user_id": user.pk})):
            answer = call(method, params, **credential)
            assert answer.json() == DENIED if not may else answer.status_code == 200
        assert call("user.admin", **credential).json()["result"] is may
        assert call(SET, OPTIONS, **credential).status_code == 200


def has_access(application: Any, user: Any) -> bool:
    return application is not None and user is not None and user.username == "ann"


@pytest.mark.parametrize(("dialect", "status"), [("documented", 403), ("live", 401)])
def test_the_projects_rule_is_asked_for_every_caller(
    call: Any, settings: Any, make_application: Any, user: Any, make_user: Any, make_token: Any,
    dialect: str, status: int,
) -> None:  # fmt: skip
    settings.USER_OPTIONS = {"ACCESS_RULE": f"{__name__}.has_access", "DIALECT": dialect}
    for person in (user, make_user("bob")):
        application = make_application(user=person)
        _, secret = InboundWebhook.objects.issue(owner=person, application=application)
        credentials = {
            "token": {"token": make_token(application, person)},
            "headless token": {"token": make_token(application, None)},
            "webhook": {"prefix": f"/rest/{person.pk}/{secret}/"},
        }
        for name, credential in credentials.items():
            answer = call("profile", **credential)
            # In the live dialect, a webhook has no application.
            if person is user and (dialect, name) != ("live", "webhook"):
                assert answer.json()["result"]["ID"] == str(user.pk)
            else:
                assert (answer.status_code, answer.json()) == (status, NO_ACCESS)


@pytest.fixture(params=["ACCESS_RULE", "IS_ADMINISTRATOR"])
def set_rule(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[..., Any]], Any]:
    """Set a function as one of the rules, and return what a refused caller is answered."""

    def set_rule(rule: Callable[..., Any]) -> Any:
        monkeypatch.setitem(globals(), "rule", rule)
        settings.USER_OPTIONS = {request.param: f"{__name__}.rule"}
        return NO_ACCESS if request.param == "ACCESS_RULE" else DENIED

    return set_rule


@pytest.mark.parametrize("given", [False, None, 0, 1, "no", (False, "reason"), object()])
def test_a_rule_that_does_not_return_true_lets_nobody_in(
    call: Any, set_rule: Any, application: Any, administrator: Any, make_token: Any, given: Any
) -> None:
    token = make_token(application, administrator)
    refusal = set_rule(lambda *_taken: given)
    assert call("app.option.set", OPTIONS, token=token).json() == refusal
    set_rule(lambda *_taken: True)
    assert call("app.option.set", OPTIONS, token=token).json()["result"] is True


@pytest.mark.parametrize("raised", [ValueError, PermissionDenied, Http404])
def test_a_rule_that_raises_lets_nobody_in(
    client: Client, call: Any, set_rule: Any, application: Any, administrator: Any,
    make_token: Any, raised: type[Exception],
) -> None:  # fmt: skip
    def rule(*_taken: Any) -> bool:
        msg = "SECRET"
        raise raised(msg)

    client.raise_request_exception = False
    set_rule(rule)
    refused = call("app.option.set", OPTIONS, token=make_token(application, administrator))
    assert refused.status_code >= 400
    assert set(refused.json()) == {"error", "error_description"}
    assert "SECRET" not in refused.text
    assert not AppOption.objects.exists()
