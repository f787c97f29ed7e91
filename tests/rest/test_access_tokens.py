"""The look-up finds what the toolkit's own finds, and gives way to one of the project."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from django_user_options.rest.access_tokens import (
    _prepared,
    load_access_token,
    load_issued_token,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def fields(instance: Any) -> dict[str, Any] | None:
    return instance and {
        field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields
    }


@pytest.mark.parametrize(("with_application", "with_user"), [(True, True), (False, False)])
def test_it_finds_what_the_toolkit_finds(
    application: Any,
    user: Any,
    make_token: Callable[..., str],
    with_application: bool,
    with_user: bool,
) -> None:
    token = make_token(
        application if with_application else None,
        user if with_user else None,
        resource=["https://example.org/rest/"],
    )
    expected = OAuth2Validator()._load_access_token(token)
    with CaptureQueriesContext(connection) as queries:
        found = load_access_token(token)
        assert found == expected
        assert fields(found) == fields(expected)
        assert fields(found.application) == fields(expected.application)
        assert fields(found.user) == fields(expected.user)
    assert len(queries) == 1
    assert (found._state.adding, found._state.db) == (False, "default")


def test_no_instance_is_made_of_a_user_that_a_token_does_not_have(
    application: Any, user: Any, make_token: Callable[..., str]
) -> None:
    made: list[Any] = []

    def remember(*, instance: Any, **_: Any) -> None:
        made.append(instance)

    without_user, with_user = make_token(application, None), make_token(application, user)
    post_init.connect(remember, sender=get_user_model())
    try:
        assert load_access_token(without_user).user is None
        assert made == []
        load_access_token(with_user)
    finally:
        post_init.disconnect(remember, sender=get_user_model())
    assert made == [user]


def test_a_token_that_was_found_can_be_saved(token: str) -> None:
    assert load_access_token(f"{token}x") is None
    found = load_access_token(token)
    found.scope = "other"
    found.save()
    assert load_access_token(token).scope == "other"


def test_the_query_is_compiled_once(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    load_access_token(token)
    monkeypatch.setattr(models.sql.Query, "get_compiler", None)
    assert load_access_token(token) is not None


class OwnValidator(OAuth2Validator):
    """Finds no token, whatever the table holds."""

    def _load_access_token(self, token: str) -> Any:
        return None


class OwnCopy(OAuth2Validator):
    """Finds tokens as ever, and lets nobody but one see them."""

    def _load_access_token(self, token: str) -> Any:
        found = super()._load_access_token(token)
        return found if found and found.user.username == "ann" else None


@pytest.mark.parametrize(
    ("validator", "name", "status"),
    [("OwnValidator", "ann", 401), ("OwnCopy", "ann", 200), ("OwnCopy", "bob", 401)],
)
def test_a_validator_that_finds_tokens_its_own_way_does_so(
    toolkit: Any, token: str, user: Any, call: Any, validator: str, name: str, status: int
) -> None:
    assert call("user.option.get", token=token).status_code == 200
    user.username = name
    user.save()
    toolkit(OAUTH2_VALIDATOR_CLASS=f"{__name__}.{validator}")
    assert call("user.option.get", token=token).status_code == status


class ReadingValidator(OAuth2Validator):
    """Judges by what it reads of the request, as a validator of a project may."""

    def validate_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        assert request.uri == "http://testserver/rest/user.option.get"
        assert request.http_method == "POST"
        assert request.grant_type is None
        tenant = request.headers.get("HTTP_X_TENANT")
        return tenant == "ours" and super().validate_bearer_token(token, scopes, request)


@pytest.mark.parametrize(("tenant", "status"), [("ours", 200), ("theirs", 401)])
def test_a_validator_can_read_the_request(
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


@pytest.fixture
def tenants(monkeypatch: pytest.MonkeyPatch) -> TenantManager:
    # A project with such a manager has not compiled a query without it.
    _prepared.cache_clear()
    manager = TenantManager()
    manager.model = get_access_token_model()
    monkeypatch.setattr(manager.model, "objects", manager)
    return manager


def test_a_manager_of_the_project_s_own_is_asked_each_time(
    token: str, application: Any, call: Callable[..., Any], tenants: TenantManager
) -> None:
    assert call("user.option.get", token=token).json()["error"] == "NO_AUTH_FOUND"
    tenants.tenant = application.name
    assert call("user.option.get", token=token).json()["result"] == {}
    tenants.tenant = "another"
    assert call("user.option.get", token=token).json()["error"] == "NO_AUTH_FOUND"


@pytest.mark.parametrize(("tenant", "error"), [("Notes", "expired_token"), ("", "NO_AUTH_FOUND")])
def test_a_manager_of_the_project_s_own_finds_expired_tokens(
    application: Any,
    user: Any,
    make_token: Callable[..., str],
    call: Callable[..., Any],
    tenants: TenantManager,
    tenant: str,
    error: str,
) -> None:
    tenants.tenant = tenant
    expired = make_token(application, user, lifetime=timedelta(hours=-1))
    answer = call("user.option.get", token=expired)
    assert (answer.status_code, answer.json()["error"]) == (401, error)


def test_a_token_that_is_deleted_right_after_it_was_issued_is_missed(token: str) -> None:
    assert load_issued_token(token).token == token
    get_access_token_model().objects.all().delete()
    with pytest.raises(ObjectDoesNotExist):
        load_issued_token(token)
