"""How access tokens are looked up, as the toolkit or the project would, and refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import oauth2_provider
import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from django_user_options.rest.access_tokens import (
    _prepared,
    load_issued_token,
    token_validator,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def fields(instance: Any) -> dict[str, Any] | None:
    return instance and {
        field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields
    }


@pytest.mark.parametrize("of_somebody", [True, False])
def test_the_lookup_finds_what_the_toolkit_finds(
    application: Any, user: Any, make_token: Callable[..., str], of_somebody: bool
) -> None:
    owners = (application, user) if of_somebody else (None, None)
    token = make_token(*owners, resource=["https://example.org/rest/"])
    expected = OAuth2Validator()._load_access_token(token)
    with CaptureQueriesContext(connection) as queries:
        found = token_validator()._load_access_token(token)
        assert fields(found) == fields(expected)
        assert fields(found.application) == fields(expected.application)
        assert fields(found.user) == fields(expected.user)
    assert len(queries) == 1
    assert (found._state.adding, found._state.db) == (False, "default")
    assert token_validator()._load_access_token(f"{token}x") is None


def test_the_query_is_compiled_once(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    load_issued_token(token)
    monkeypatch.setattr(models.sql.Query, "get_compiler", None)
    assert load_issued_token(token).token == token


def test_a_token_that_is_deleted_right_after_it_was_issued_is_missed(token: str) -> None:
    get_access_token_model().objects.all().delete()
    with pytest.raises(ObjectDoesNotExist):
        load_issued_token(token)


class TokensOfAnn(OAuth2Validator):
    """Finds the tokens of one user only."""

    def _load_access_token(self, token: str) -> Any:
        found = super()._load_access_token(token)
        return found if found and found.user.username == "ann" else None


def test_the_projects_validator_may_find_tokens_its_own_way(
    toolkit: Any, token: str, user: Any, call: Any
) -> None:
    toolkit(OAUTH2_VALIDATOR_CLASS=f"{__name__}.TokensOfAnn")
    assert call("user.option.get", token=token).status_code == 200
    user.username = "bob"
    user.save()
    assert call("user.option.get", token=token).status_code == 401


class ReadingValidator(OAuth2Validator):
    """Decides by the request."""

    def validate_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        assert request.uri == "http://testserver/rest/user.option.get"
        assert request.http_method == "POST"
        assert request.grant_type is None
        tenant = request.headers.get("HTTP_X_TENANT")
        return tenant == "ours" and super().validate_bearer_token(token, scopes, request)


@pytest.mark.parametrize(("tenant", "status"), [("ours", 200), ("theirs", 401)])
def test_the_projects_validator_can_read_the_request(
    toolkit: Any, token: str, client: Any, tenant: str, status: int
) -> None:
    toolkit(OAUTH2_VALIDATOR_CLASS=f"{__name__}.ReadingValidator")
    headers = {"Authorization": f"Bearer {token}", "X-Tenant": tenant}
    assert client.post("/rest/user.option.get?x=1", headers=headers).status_code == status


class TenantManager(models.Manager[Any]):
    """Hides the tokens of all tenants but one."""

    tenant = ""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(application__name=self.tenant)


def test_the_projects_manager_is_asked_each_time(
    token: str, application: Any, user: Any, make_token: Any, call: Any, monkeypatch: Any
) -> None:
    # A project with such a manager has not compiled a query without it.
    _prepared.cache_clear()
    manager = TenantManager()
    manager.model = get_access_token_model()
    monkeypatch.setattr(manager.model, "objects", manager)
    expired = make_token(application, user, lifetime=timedelta(hours=-1))
    for tenant, answers in (
        ("another", ["NO_AUTH_FOUND", "NO_AUTH_FOUND"]),
        (application.name, [None, "expired_token"]),
    ):
        manager.tenant = tenant
        called = [call("user.option.get", token=each).json() for each in (token, expired)]
        assert [answer.get("error") for answer in called] == answers


@pytest.mark.parametrize(
    ("dialect", "status", "method", "scopes"),
    [("documented", 403, "user.option.get", "basic read"), ("live", 401, "app.info", "basic")],
)
def test_a_challenge_names_the_scopes_that_a_call_needs(
    call: Any, make_token: Any, application: Any, user: Any, settings: Any,
    dialect: str, status: int, method: str, scopes: str,
) -> None:  # fmt: skip
    settings.USER_OPTIONS = {"DIALECT": dialect, "READ_SCOPE": "read"}
    answer = call(method, token=make_token(application, user, scope=""))
    challenge = f'Bearer realm="rest", error="insufficient_scope", scope="{scopes}"'
    assert (answer.status_code, answer["WWW-Authenticate"]) == (status, challenge)


def test_a_token_of_an_unusable_application_has_not_expired(
    call: Any, token: str, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(application), "is_usable", lambda *_: False)
    answer = call("user.option.get", token=token)
    # The toolkit of version 3.4.0 asks only when it issues a token.
    old = oauth2_provider.__version__ == "3.4.0"
    assert answer.json().get("error") == (None if old else "NO_AUTH_FOUND")


def test_an_expired_token_without_a_user_has_expired(
    call: Any, application: Any, make_token: Any
) -> None:
    token = make_token(application, None, lifetime=timedelta(hours=-1))
    assert call("user.option.get", token=token).json()["error"] == "expired_token"


def test_the_scheme_of_a_token_may_be_written_in_any_case(client: Any, token: str) -> None:
    headers = {"Authorization": f"bEARER {token}"}
    assert client.get("/rest/user.option.get", headers=headers).status_code == 200


def test_two_values_of_one_token_parameter_are_refused(client: Any, token: str) -> None:
    twice = client.get(f"/rest/user.option.get?auth=x&auth={token}")
    assert twice.status_code == 400
    assert "different access tokens" in twice.json()["error_description"]
    assert client.get(f"/rest/user.option.get?a=1&a=2&auth={token}").status_code == 200
