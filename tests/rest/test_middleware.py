"""Every view of the package works under every middleware that Django ships."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver

from django_user_options.models import InboundWebhook
from django_user_options.person import urls as person_urls
from django_user_options.portal import urls as portal_urls
from django_user_options.portal.page_views import bx24_script
from django_user_options.portal.rest_methods import ServerMethodView
from django_user_options.rest import oauth_urls, urls
from django_user_options.rest.oauth_endpoints import SdkTokenView
from django_user_options.rest.views import RestMethodView

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
APPS = ("sites", "redirects", "flatpages")


def shipped() -> Iterator[str]:
    """Yield the path of every middleware in Django, of apps that are not installed, too."""
    root = Path(django.__file__).parent
    for file in (*root.glob("middleware/*.py"), *root.glob("contrib/*/middleware.py")):
        module = ".".join(("django", *file.relative_to(root).with_suffix("").parts))
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("Middleware"):
                yield f"{module}.{node.name}"


SHIPPED = sorted(shipped())


@pytest.fixture
def _installed(transactional_db: None, settings: Any) -> Iterator[None]:
    """The apps that some of the middleware reads tables of."""
    registered = set(admin.site._registry)
    settings.INSTALLED_APPS = [
        *settings.INSTALLED_APPS,
        *(f"django.contrib.{name}" for name in APPS),
    ]
    settings.SITE_ID = 1
    models = [model for name in APPS for model in apps.get_app_config(name).get_models()]
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    models[0].objects.create(pk=1, domain="testserver", name="Tests")
    yield
    # Their admins would outlive them, and every page of the admin would look for their models.
    for model in set(admin.site._registry) - registered:
        admin.site.unregister(model)
    with connection.schema_editor() as editor:
        for model in reversed(models):
            editor.delete_model(model)


def test_the_enumeration_finds_what_django_documents() -> None:
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in SHIPPED
    assert "django.middleware.csrf.CsrfViewMiddleware" in SHIPPED
    assert len(SHIPPED) >= 20


def test_every_view_that_needs_no_session_is_called_below() -> None:
    views = {
        getattr(pattern.callback, "view_class", pattern.callback)
        for module in (urls, oauth_urls, portal_urls, person_urls)
        for pattern in get_resolver(module.__name__).url_patterns
        if isinstance(pattern, URLPattern)
    }
    # The others are pages, which need a login with and without middleware.
    pages = {view for view in views if LoginRequiredMixin in getattr(view, "__mro__", ())}
    assert views - pages == {RestMethodView, SdkTokenView, ServerMethodView, bx24_script}


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("path", [*SHIPPED, "all"])
def test_middleware_does_not_change_the_answers(
    settings: Any, token: str, refresh: Any, application: Any, user: Any, path: str
) -> None:
    settings.MIDDLEWARE = list(dict.fromkeys([*FIRST, *(SHIPPED if path == "all" else [path])]))
    _, secret = InboundWebhook.objects.issue(owner=user, application=application)
    client = Client(enforce_csrf_checks=True)
    options = {"options": {"a": 1}, "auth": token}
    json = "application/json"
    answers = [
        (client.post("/rest/user.option.set", options, content_type=json), 200, "result"),
        (client.get(f"/rest/{user.pk}/{secret}/user.option.get/"), 200, "result"),
        (client.get("/rest/user.option.get"), 401, "error_description"),
        (client.get("/rest/unknown"), 404, "error_description"),
        (client.get("/rest/a/b/c/d"), 404, "error_description"),
        (client.put("/rest/user.option.get"), 405, "error_description"),
        (client.get("/oauth/token", refresh), 200, "access_token"),
        (client.post("/oauth/token/", refresh), 400, "error_description"),
        (client.put("/oauth/token/"), 405, "error_description"),
        (client.post("/oauth/rest/app.info", {"auth": token}), 200, "result"),
        (client.get("/oauth/rest/app.info"), 401, "error_description"),
    ]
    for response, status, name in answers:
        assert response.status_code == status
        assert response["Content-Type"].startswith(json)
        assert name in response.json()
    # The browser of an application's page sends no cookies of the portal along.
    assert client.get("/api/v1/")["Location"].endswith("/bx24.js")
