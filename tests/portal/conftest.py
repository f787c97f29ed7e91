"""An application's page, and a browser's session that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.portal.models import ApplicationPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client


@pytest.fixture
def page(application: Any) -> ApplicationPage:
    return ApplicationPage.objects.create(
        application=application, title="<b>Notes", address="https://app.example/start?a=b"
    )


@pytest.fixture
def ask(client: Client, page: ApplicationPage) -> Callable[..., HttpResponse]:
    """Ask as the page's script does."""

    def ask(command: str, **extra: Any) -> HttpResponse:
        return client.post(page.get_absolute_url(), {"command": command}, **extra)

    return ask
