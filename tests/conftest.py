"""Users, applications, tokens and webhooks, and `call`, which calls a REST method."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.models import AppOption, AppUserOption
from django_user_options.rest import moving_windows
from tests.contract.encoders import encode
from tests.leaks import collected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpResponse
    from django.test import Client


# These take long, most of it in processes of their own; begun last, they would be waited for.
LONG = ("variants/test_projects.py", "test_example_project.py", "rest/test_isolation.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not str(item.path).endswith(LONG))


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """Fail if a test leaves a token, a secret or a value where it should not."""
    with collected() as traces:
        yield
    assert traces.found() == set()


@pytest.fixture(autouse=True)
def _forget_failures() -> None:
    """Let no test's refused credentials count against the next test."""
    moving_windows._of_url.cache_clear()


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


@pytest.fixture(params=["user", "application"])
def options(request: Any, application: Any, user: Any) -> Any:
    """The options of one owner, of each of the two kinds."""
    if request.param == "user":
        return AppUserOption.objects.for_owner(application, user)
    return AppOption.objects.for_owner(application)


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
    """Call a method: `call(name, params, encoding=…, token=…)`."""

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
        content_type, body = encode(params or {}, encoding)
        return client.post(f"{prefix}{method}", body, content_type=content_type, **extra)

    return call
