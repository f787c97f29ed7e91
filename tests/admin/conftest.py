"""An administrator's browser, and both models of options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.admin.screens import fields_of, keep, url

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def page(administrator: Any) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def page_of_staff(make_user: Callable[..., Any]) -> Callable[..., Client]:
    """Log in somebody of the staff who holds these permissions and no others."""

    def page_of_staff(*codenames: str) -> Client:
        staff = make_user("staff", is_staff=True)
        permissions = Permission.objects.filter(codename__in=codenames)
        assert len(permissions) == len(codenames)
        staff.user_permissions.set(permissions)
        client = Client()
        client.force_login(staff)
        return client

    return page_of_staff


@pytest.fixture
def editable(settings: Any) -> None:
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True}


@pytest.fixture(params=[AppUserOption, AppOption], ids=lambda model: model.__name__)
def model(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def store(model: Any, application: Any, user: Any) -> Callable[..., Any]:
    """Store one option of the model under test and return it."""

    def store(key: str, value: Any) -> Any:
        return keep(model, application, user, {key: value}).get(key=key)

    return store


@pytest.fixture
def add(page: Client, model: Any, application: Any, user: Any) -> Callable[..., Any]:
    """Add an option by the form."""

    def add(key: str, value: str) -> Any:
        return page.post(url(model, "add"), fields_of(model, application, user, key, value))

    return add


@pytest.fixture
def staff(make_user: Callable[..., Any]) -> Any:
    """A user who holds every permission on webhooks but is no superuser."""
    staff = make_user("staff", is_staff=True)
    permissions = Permission.objects.filter(codename__endswith="_inboundwebhook")
    staff.user_permissions.set(permissions)
    return staff


@pytest.fixture
def staff_page(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def webhook(user: Any, application: Any) -> InboundWebhook:
    return InboundWebhook.objects.issue(
        title="Sync", owner=user, application=application, scope="basic"
    )[0]
