from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import AnonymousUser
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.models import get_access_token_model
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from django_user_options.rest.caller import Caller
from django_user_options.rest.permissions import (
    HasApplication,
    HasRequiredScope,
    HasUser,
    IsAdministrator,
    is_active_superuser,
    is_administrator,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = (HasApplication, HasUser, HasRequiredScope, IsAdministrator)


def caller(**fields: Any) -> Caller:
    return Caller(
        credential_id=1,
        **{
            "credential": "access",
            "application": SimpleNamespace(),
            "user": SimpleNamespace(is_active=True, is_superuser=False),
            "scopes": frozenset({"basic"}),
            "may_administrate": True,
            **fields,
        },
    )


def allows(permission: Any, auth: Any, **view: Any) -> bool:
    request: Any = SimpleNamespace(auth=auth)
    return permission().has_permission(request, SimpleNamespace(**view))


SUPERUSER = SimpleNamespace(is_active=True, is_superuser=True)


@pytest.mark.parametrize(
    ("permission", "fields", "answer"),
    [
        (HasApplication, {}, True),
        (HasApplication, {"application": None}, False),
        (HasUser, {}, True),
        (HasUser, {"user": None}, False),
        (HasRequiredScope, {}, True),
        (HasRequiredScope, {"scopes": frozenset()}, False),
        (HasRequiredScope, {"scopes": frozenset({"Basic"})}, False),
        (HasRequiredScope, {"scopes": frozenset({"other", "basic"})}, True),
        (IsAdministrator, {}, False),
        (IsAdministrator, {"user": SUPERUSER}, True),
        (IsAdministrator, {"user": SUPERUSER, "may_administrate": False}, False),
        (IsAdministrator, {"user": None}, False),
    ],
)
def test_permission_answers_yes_or_no(permission: Any, fields: Any, answer: bool) -> None:
    assert allows(permission, caller(**fields)) is answer


@pytest.mark.parametrize("permission", ALL)
def test_other_or_missing_credentials_are_refused(permission: Any) -> None:
    assert allows(permission, "token") is False
    assert permission().has_permission(SimpleNamespace(), SimpleNamespace()) is False


def test_view_names_its_own_scopes() -> None:
    assert allows(HasRequiredScope, caller(scopes=frozenset()), required_scopes=[]) is True
    assert allows(HasRequiredScope, caller(), required_scopes=["basic", "more"]) is False
    assert allows(HasRequiredScope, caller(), required_scopes=None) is True


def test_scopes_that_every_call_needs_are_a_setting(settings: Any) -> None:
    for required, held, answer in (([], "", True), ("ab", "ab", True), ("ab", "a", False)):
        settings.USER_OPTIONS = {"REQUIRED_SCOPES": list(required)}
        assert allows(HasRequiredScope, caller(scopes=frozenset(held))) is answer


def is_named_ann(account: Any) -> bool:
    return account.name == "ann"


def test_rule_for_administrators_is_a_setting(settings: Any) -> None:
    settings.USER_OPTIONS = {"IS_ADMINISTRATOR": f"{__name__}.is_named_ann"}
    assert is_administrator(caller(user=SimpleNamespace(name="ann"))) is True
    assert is_administrator(caller(user=SimpleNamespace(name="root"))) is False


def test_by_default_an_administrator_is_an_active_superuser(administrator: Any) -> None:
    assert is_active_superuser(administrator) is True
    administrator.is_active = False
    assert is_active_superuser(administrator) is False
    assert is_active_superuser(AnonymousUser()) is False
    assert is_active_superuser(SimpleNamespace(is_active=True)) is False


@pytest.mark.parametrize(
    ("permission", "status"),
    [
        (HasRequiredScope, 200),
        (IsAdministrator, 403),
        (HasUser & ~IsAdministrator & HasApplication, 200),
        (IsAdministrator | HasUser, 200),
    ],
)
def test_permissions_work_in_a_view_of_the_project(
    permission: Any, status: int, token: str
) -> None:
    class ProjectView(APIView):
        authentication_classes = (OAuth2Authentication,)
        permission_classes = (permission,)

        def get(self, request: Any) -> Response:
            return Response()

    request = APIRequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})
    assert ProjectView.as_view()(request).status_code == status


def test_permissions_query_nothing(
    token: str, django_assert_num_queries: Callable[..., Any]
) -> None:
    access = get_access_token_model().objects.select_related("application", "user").get(token=token)
    known = Caller.from_access_token(access)
    with django_assert_num_queries(0):
        for permission in ALL:
            allows(permission, known)
            allows(permission, access)
