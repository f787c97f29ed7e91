"""An application's page, and a project whose developer is at this machine."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.portal.models import ApplicationPage

RECORDER = "django_user_options.portal.developer.call_log.RecordCalls"


@pytest.fixture
def page(application: Any) -> ApplicationPage:
    return ApplicationPage.objects.create(
        application=application,
        title="Notes",
        address="http://127.0.0.1:3000/",
        install_address="http://127.0.0.1:3000/install",
        installed=True,
    )


@pytest.fixture
def developing(settings: Any) -> None:
    settings.DEBUG, settings.INTERNAL_IPS = True, ["127.0.0.1"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, RECORDER]
