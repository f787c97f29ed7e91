"""The buttons beside the frame, and who gets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user
from django.urls import reverse
from django.utils import translation
from oauth2_provider.models import get_access_token_model

from django_user_options.portal.models import ApplicationVisit
from tests.portal.developer.conftest import RECORDER

if TYPE_CHECKING:
    from django.test import Client

    from django_user_options.portal.models import ApplicationPage


@pytest.fixture
def address(page: ApplicationPage, user: Any, client: Client) -> str:
    client.force_login(user)
    return reverse("user_options_portal:developer", args=[page.application.client_id])


@pytest.mark.parametrize(
    "changed", [{"DEBUG": False}, {"INTERNAL_IPS": []}], ids=["no DEBUG", "another machine"]
)
def test_nobody_else_gets_the_buttons(
    client: Client,
    page: ApplicationPage,
    address: str,
    settings: Any,
    developing: None,
    changed: Any,
) -> None:
    assert "uop-developer" in client.get(page.get_absolute_url()).text
    for name, value in changed.items():
        setattr(settings, name, value)
    assert "uop-developer" not in client.get(page.get_absolute_url()).text
    for method in (client.get, client.post):
        assert method(address, {"administrator": "yes"}).status_code == 404


def test_a_visitor_has_to_sign_in(client: Client, address: str, developing: None) -> None:
    client.logout()
    assert "login" in client.post(address, {"administrator": "yes"})["Location"]


def test_the_user_is_switched(
    client: Client, page: ApplicationPage, address: str, developing: None, make_user: Any
) -> None:
    other, gone = make_user("<b>bob"), make_user("gone", is_active=False)
    assert "<option>&lt;b&gt;bob</option>" in client.get(page.get_absolute_url()).text
    assert client.post(address, {"user": other.username})["Location"] == page.get_absolute_url()
    assert get_user(client) == other
    assert client.post(address, {"user": gone.username}).status_code == 404


def test_administrator_rights_are_given_and_taken_away(
    client: Client, page: ApplicationPage, address: str, developing: None, user: Any
) -> None:
    for value, rights, offered in (("yes", True, "no"), ("no", False, "yes")):
        client.post(address, {"administrator": value})
        user.refresh_from_db()
        assert user.is_superuser is rights
        page_text = client.get(page.get_absolute_url()).text
        assert f'name="administrator" value="{offered}"' in page_text


def test_the_language_is_switched_in_projects_that_choose_one(
    client: Client, page: ApplicationPage, address: str, settings: Any, developing: None
) -> None:
    assert 'name="language"' not in client.get(page.get_absolute_url()).text
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    client.handler.load_middleware()
    client.post(address, {"language": "ru"})
    with translation.override("en"):  # The middleware leaves its choice to the next test.
        shown = client.get(page.get_absolute_url()).text
    assert '<option value="ru" selected>' in shown


def test_the_first_run_is_repeated(
    client: Client, page: ApplicationPage, address: str, developing: None, user: Any
) -> None:
    visit = ApplicationVisit.objects.create(
        application=page.application, user=user, first_run=False
    )
    client.post(address, {"first_run": "1"})
    visit.refresh_from_db()
    assert visit.first_run is True


def test_the_installation_is_repeated_and_ended(
    client: Client, page: ApplicationPage, address: str, developing: None
) -> None:
    for change, installed, offered in (("begins", False, "ends"), ("ends", True, "begins")):
        client.post(address, {"installation": change})
        page.refresh_from_db()
        assert page.installed is installed
        shown = client.get(page.get_absolute_url()).text
        assert f'name="installation" value="{offered}"' in shown


def test_a_page_without_an_address_for_installation_has_no_such_button(
    client: Client, page: ApplicationPage, address: str, developing: None
) -> None:
    page.install_address = ""
    page.save()
    assert 'name="installation" value="begins" disabled' in client.get(page.get_absolute_url()).text


def test_the_tokens_of_this_application_and_user_expire_and_the_page_stays(
    client: Client,
    page: ApplicationPage,
    address: str,
    developing: None,
    user: Any,
    make_token: Any,
    make_application: Any,
    make_user: Any,
) -> None:
    make_token(page.application, user)
    others = [(make_application(), user), (page.application, make_user())]
    kept = {make_token(*owner) for owner in others}
    assert client.post(address, {"expired": "1"}).status_code == 204
    tokens = get_access_token_model().objects.all()
    assert {token.token for token in tokens if token.is_valid()} == kept


def test_another_button_is_refused(client: Client, address: str, developing: None) -> None:
    refused = client.post(address, {"misspelt": "1"})
    assert (refused.status_code, refused.content.decode()) == (
        400,
        "Send one of: user, administrator, language, first_run, installation, expired",
    )


def test_another_site_presses_no_button(client: Client, address: str, developing: None) -> None:
    client.handler.enforce_csrf_checks = True
    assert client.post(address, {"administrator": "yes"}).status_code == 403


def test_calls_are_listed_after_a_number(
    client: Client, page: ApplicationPage, address: str, developing: None, call: Any, token: str
) -> None:
    first = call("user.option.set", {"options": {"theme": "dark"}}, token=token)
    refused = call("user.option.set", {"auth": "unknown"})
    assert (first.status_code, refused.status_code) == (200, 401)
    everything = client.get(address, {"after": "all"})
    *_, succeeded, failed = everything.json()["calls"]
    assert json.loads(succeeded["parameters"]) == {"options": {"theme": "dark"}}
    assert json.loads(succeeded["answer"])["result"] is True
    assert (succeeded["method"], succeeded["status"]) == ("user.option.set", 200)
    assert (failed["method"], failed["status"]) == ("user.option.set", 401)
    assert token not in everything.text
    newer = client.get(address, {"after": succeeded["number"]}).json()["calls"]
    assert newer == [failed]
    assert f'data-after="{failed["number"]}"' in client.get(page.get_absolute_url()).text


def test_a_project_that_does_not_record_calls_says_how(
    client: Client, page: ApplicationPage, address: str, settings: Any, developing: None
) -> None:
    assert f"Add {RECORDER} to MIDDLEWARE" not in client.get(page.get_absolute_url()).text
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != RECORDER]
    assert f"Add {RECORDER} to MIDDLEWARE" in client.get(page.get_absolute_url()).text
