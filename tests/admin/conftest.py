"""An administrator's browser, and options and a webhook to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.admin.screens import fields_of, keep, logged_in, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client


@pytest.fixture
def page(administrator: Any) -> Client:
    return logged_in(administrator)


@pytest.fixture
def page_of_staff(make_user: Callable[..., Any]) -> Callable[..., Client]:
    """Log in a staff user who has exactly these permissions."""

    def page_of_staff(*codenames: str) -> Client:
        staff = make_user(is_staff=True)
        permissions = Permission.objects.filter(codename__in=codenames)
        assert len(permissions) == len(codenames)
        staff.user_permissions.set(permissions)
        return logged_in(staff)

    return page_of_staff


@pytest.fixture
def editable(settings: Any) -> None:
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True}


@pytest.fixture(params=[AppUserOption, AppOption], ids=lambda model: model.__name__)
def model(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def kept(application: Any, user: Any) -> Callable[..., Any]:
    """Store options of a model for the application and the user, and return all of these."""
    return lambda model, options: keep(model, application, user, options)


@pytest.fixture
def add(page: Client, application: Any, user: Any) -> Callable[..., Any]:
    """Add an option by the form."""

    def add(key: str, value: str, model: Any = AppUserOption) -> Any:
        return page.post(url(model, "add"), fields_of(model, application, user, key, value))

    return add


@pytest.fixture
def change(page: Client) -> Callable[..., Any]:
    """Change an option by the form."""
    return lambda option, value: page.post(url(type(option), "change", option.pk), {"value": value})


@pytest.fixture
def staff(make_user: Callable[..., Any]) -> Any:
    """A user who has every permission on webhooks but is not a superuser."""
    staff = make_user("staff", is_staff=True)
    permissions = Permission.objects.filter(codename__endswith="_inboundwebhook")
    staff.user_permissions.set(permissions)
    return staff


@pytest.fixture
def staff_page(staff: Any) -> Client:
    return logged_in(staff)


@pytest.fixture
def webhook(user: Any, application: Any) -> InboundWebhook:
    return InboundWebhook.objects.issue(
        title="Sync", owner=user, application=application, scope="basic"
    )[0]
