"""Whose a token is, as an application in a frame asks at `SERVER_ENDPOINT`."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.portal.rest_methods import FramedAppInfo
from django_user_options.rest.methods import register
from django_user_options.rest.methods.system_methods import AppInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db

PREFIX = "/oauth/rest/"


def test_app_info_names_the_user_and_the_installation(
    call: Callable[..., Any], application: Any, user: Any, make_token: Any
) -> None:
    token = make_token(application, user, scope="more basic")
    answer = call("app.info", prefix=PREFIX, token=token).json()["result"]
    assert answer.pop("expires").endswith("+00:00")
    assert len(answer["install"].pop("member_id")) == 32
    assert answer == {
        "client_id": application.client_id,
        "scope": "basic,more",
        "user_id": user.pk,
        "install": {
            "installed": True,
            "version": 1,
            "status": "L",
            "scope": "basic,more",
            "domain": "testserver",
            "uri": "http://testserver",
            "client_endpoint": "http://testserver/rest/",
            "member_type": "user",
        },
    }


@pytest.mark.parametrize(
    ("method", "lifetime", "status", "error"),
    [
        ("app.info", None, HTTPStatus.UNAUTHORIZED, "NO_AUTH_FOUND"),
        ("app.info.json/", timedelta(-1), HTTPStatus.UNAUTHORIZED, "expired_token"),
        ("user.option.get", timedelta(1), HTTPStatus.NOT_FOUND, "ERROR_METHOD_NOT_FOUND"),
    ],
)
def test_app_info_refuses_like_the_other_methods(
    call: Callable[..., Any],
    application: Any,
    user: Any,
    make_token: Any,
    method: str,
    lifetime: timedelta | None,
    status: HTTPStatus,
    error: str,
) -> None:
    token = make_token(application, user, lifetime=lifetime) if lifetime else "unknown"
    refused = call(method, prefix=PREFIX, token=token)
    assert (refused.status_code, refused.json()["error"]) == (status, error)


@pytest.fixture
def no_portal() -> Iterator[None]:
    register(AppInfo)
    yield
    register(FramedAppInfo)


@pytest.mark.usefixtures("no_portal")
def test_without_the_portal_every_application_is_installed(
    call: Callable[..., Any], token: str
) -> None:
    assert call("app.info", token=token).json()["result"]["INSTALLED"] is True
