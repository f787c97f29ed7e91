"""A client with a refresh token, and every way in which it may call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.rest.token_endpoint.calls import ENCODINGS, FORM, PATH
from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client


@pytest.fixture(autouse=True)
def _without_pkce(settings: Any) -> None:
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "PKCE_REQUIRED": False}


@pytest.fixture
def refresh_token(token: str) -> str:
    return issue_refresh_token(token)


@pytest.fixture
def refresh(application: Any, refresh_token: str) -> dict[str, str]:
    """The parameters of a refresh that succeeds."""
    return {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "refresh_token": refresh_token,
    }


@pytest.fixture(params=ENCODINGS, ids=lambda encoding: encoding.__name__)
def exchange(request: pytest.FixtureRequest, client: Client) -> Callable[..., HttpResponse]:
    """Send parameters in each way that a client may."""
    return lambda parameters: request.param(client, parameters)


@pytest.fixture
def post(client: Client) -> Callable[..., HttpResponse]:
    """Send parameters as a form."""
    return lambda parameters, **extra: client.post(
        PATH, urlencode(parameters), content_type=FORM, **extra
    )
