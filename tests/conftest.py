"""Users, applications, tokens and webhooks, and `call`, which calls a REST method."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    def make(username: str = "", **fields: Any) -> Any:
        return get_user_model().objects.create_user(
            username=username or secrets.token_hex(8), password="pw", **fields
        )

    return make


@pytest.fixture
def user(make_user: Callable[..., Any]) -> Any:
    return make_user("ann")


@pytest.fixture
def administrator(make_user: Callable[..., Any]) -> Any:
    return make_user("root", is_superuser=True, is_staff=True)


@pytest.fixture
def make_application(db: None) -> Callable[..., Any]:
    def make(**fields: Any) -> Any:
        fields = {
            "name": "Notes",
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "redirect_uris": "http://127.0.0.1/",
            "hash_client_secret": False,
            **fields,
        }
        return get_application_model().objects.create(**fields)

    return make


@pytest.fixture
def application(make_application: Callable[..., Any]) -> Any:
    return make_application()


@pytest.fixture
def make_token() -> Callable[..., str]:
    def make(
        application: Any,
        user: Any,
        *,
        scope: str = "basic",
        lifetime: timedelta = timedelta(hours=1),
        **fields: Any,
    ) -> str:
        token = secrets.token_urlsafe(24)
        get_access_token_model().objects.create(
            application=application,
            user=user,
            token=token,
            scope=scope,
            expires=timezone.now() + lifetime,
            **fields,
        )
        return token

    return make


@pytest.fixture
def token(make_token: Callable[..., str], application: Any, user: Any) -> str:
    return make_token(application, user)


@pytest.fixture
def call(client: Client) -> Callable[..., HttpResponse]:
    """Call a method: `call(name, params, encoding=…, auth=…)`."""

    def call(
        method: str,
        params: Any = None,
        *,
        token: str | None = None,
        encoding: str = "json",
        prefix: str = "/rest/",
        **extra: Any,
    ) -> HttpResponse:
        if token is not None:
            extra["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        path = f"{prefix}{method}"
        if encoding == "query":
            return client.get(path, QUERY_STRING=_form(params or {}), **extra)
        if encoding == "form":
            content_type = "application/x-www-form-urlencoded"
            return client.post(path, _form(params or {}), content_type=content_type, **extra)
        if encoding == "multipart":
            return client.post(path, dict(_flat(params or {})), **extra)
        body = json.dumps({} if params is None else params)
        return client.post(path, body, content_type="application/json", **extra)

    return call


def _form(params: dict[str, Any]) -> str:
    return urlencode(list(_flat(params)))


def _flat(params: dict[str, Any], prefix: str = "") -> Any:
    """Yield bracketed names and values as PHP's `http_build_query` orders them."""
    for key, value in params.items():
        name = f"{prefix}[{key}]" if prefix else key
        nested = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(nested, dict):
            yield from _flat(nested, name)
        else:
            yield name, nested
