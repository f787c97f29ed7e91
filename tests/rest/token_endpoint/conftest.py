"""Every way in which a client may call the token endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.rest.token_endpoint.calls import ENCODINGS, FORM, PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client


@pytest.fixture(autouse=True)
def _without_pkce(toolkit: Any) -> None:
    toolkit(PKCE_REQUIRED=False)


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
