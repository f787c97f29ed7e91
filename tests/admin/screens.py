"""Addresses of the admin's screens, what stands there, and options to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from django.db import models

WEBHOOKS = "/admin/django_user_options/inboundwebhook/"
ADMIN = "admin:django_user_options_appuseroption"


def logged_in(user: Any) -> Client:
    """Return a browser in which the user is logged in."""
    client = Client()
    client.force_login(user)
    return client


def keep(model: Any, application: Any, user: Any, options: dict[str, Any]) -> Any:
    """Store options and return those of their owner."""
    owner = (application, user) if model is AppUserOption else (application,)
    owned = model.objects.for_owner(*owner)
    owned.set_options(options)
    return owned


def url(model: type[models.Model], view: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def owner_url(application: Any, user: Any) -> str:
    return reverse(f"{ADMIN}_owner", args=[application.pk, quote(str(user.pk))])


def application_url(application: Any) -> str:
    return reverse(f"{ADMIN}_application", args=[application.pk])


def fields_of(model: Any, application: Any, user: Any, key: str, value: str) -> dict[str, Any]:
    """Return what is typed to add an option."""
    owner = {"application": application.pk}
    if model is AppUserOption:
        owner["user"] = user.pk
    return {**owner, "key": key, "value": value}


def listed(page: Client, model: Any, **parameters: Any) -> list[str]:
    """Return the keys that the list shows."""
    response = page.get(url(model, "changelist"), parameters)
    assert response.status_code == 200
    return [option.key for option in response.context["cl"].result_list]


def statements(page: Client, address: str, **parameters: Any) -> list[str]:
    """Return the statements that a screen takes."""
    with CaptureQueriesContext(connection) as queries:
        assert page.get(address, parameters).status_code == 200
    return [query["sql"] for query in queries]
