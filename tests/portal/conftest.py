"""An application's page, a browser's session that asks for it, and a developer at this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.portal.models import ApplicationPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client

RECORDER = "django_user_options.portal.developer.call_log.RecordCalls"


@pytest.fixture
def page(application: Any) -> ApplicationPage:
    return ApplicationPage.objects.create(
        application=application,
        title="<b>Notes",
        address="https://app.example/start?a=b",
        install_address="https://install.example/",
        installed=True,
    )


@pytest.fixture
def ask(client: Client, page: ApplicationPage) -> Callable[..., HttpResponse]:
    """Ask as the page's script does."""

    def ask(command: str, **extra: Any) -> HttpResponse:
        return client.post(page.get_absolute_url(), {"command": command}, **extra)

    return ask


@pytest.fixture
def developing(settings: Any) -> None:
    settings.DEBUG, settings.INTERNAL_IPS = True, ["127.0.0.1"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, RECORDER]
