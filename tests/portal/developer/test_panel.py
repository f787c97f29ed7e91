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
from tests.portal.conftest import RECORDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_user_options.portal.models import ApplicationPage

pytestmark = pytest.mark.usefixtures("developing")


@pytest.fixture
def address(page: ApplicationPage, user: Any, client: Client) -> str:
    client.force_login(user)
    return reverse("user_options_portal:developer", args=[page.application.client_id])


@pytest.fixture
def press(client: Client, address: str) -> Callable[..., Any]:
    """Press a button: `press(administrator="yes")`."""
    return lambda **button: client.post(address, button)


@pytest.fixture
def shown(client: Client, page: ApplicationPage, address: str) -> Callable[[], str]:
    """Return the page as it is now."""
    return lambda: client.get(page.get_absolute_url()).text


@pytest.mark.parametrize(
    "changed", [{"DEBUG": False}, {"INTERNAL_IPS": []}], ids=["no DEBUG", "another machine"]
)
def test_only_developers_get_the_buttons(
    client: Client, address: str, press: Any, shown: Any, settings: Any, changed: Any
) -> None:
    assert "uop-developer" in shown()
    for name, value in changed.items():
        setattr(settings, name, value)
    assert "uop-developer" not in shown()
    assert press(administrator="yes").status_code == client.get(address).status_code == 404


def test_another_site_or_a_visitor_presses_no_button(client: Client, press: Any) -> None:
    client.handler.enforce_csrf_checks = True
    assert press(administrator="yes").status_code == 403
    client.handler.enforce_csrf_checks = False
    client.logout()
    assert "login" in press(administrator="yes")["Location"]


def test_the_user_is_switched(
    client: Client, page: ApplicationPage, press: Any, shown: Any, make_user: Any
) -> None:
    other, gone = make_user("<b>bob"), make_user("gone", is_active=False)
    assert "<option>&lt;b&gt;bob</option>" in shown()
    assert press(user=other.username)["Location"] == page.get_absolute_url()
    assert get_user(client) == other
    assert press(user=gone.username).status_code == 404


def test_administrator_rights_are_given_and_taken_away(press: Any, shown: Any, user: Any) -> None:
    for value, rights, offered in (("yes", True, "no"), ("no", False, "yes")):
        press(administrator=value)
        user.refresh_from_db()
        assert user.is_superuser is rights
        assert f'name="administrator" value="{offered}"' in shown()


def test_the_language_is_switched_in_projects_that_choose_one(
    client: Client, press: Any, shown: Any, settings: Any
) -> None:
    assert 'name="language"' not in shown()
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    client.handler.load_middleware()
    press(language="ru")
    with translation.override("en"):  # The middleware leaves its choice to the next test.
        assert '<option value="ru" selected>' in shown()


def test_the_first_run_is_repeated(page: ApplicationPage, press: Any, user: Any) -> None:
    greeted = {"application": page.application, "user": user, "first_run": False}
    visit = ApplicationVisit.objects.create(**greeted)
    press(first_run="1")
    visit.refresh_from_db()
    assert visit.first_run is True


def test_the_installation_is_repeated_and_ended(
    page: ApplicationPage, press: Any, shown: Any
) -> None:
    for change, installed, offered in (("begins", False, "ends"), ("ends", True, "begins")):
        press(installation=change)
        page.refresh_from_db()
        assert page.installed is installed
        assert f'name="installation" value="{offered}"' in shown()
    page.install_address = ""
    page.save()
    assert 'name="installation" value="begins" disabled' in shown()


def test_the_tokens_of_this_application_and_user_expire_and_the_page_stays(
    page: ApplicationPage,
    press: Any,
    user: Any,
    make_token: Any,
    make_application: Any,
    make_user: Any,
) -> None:
    make_token(page.application, user)
    others = [(make_application(), user), (page.application, make_user())]
    kept = {make_token(*owner) for owner in others}
    assert press(expired="1").status_code == 204
    tokens = get_access_token_model().objects.all()
    assert {token.token for token in tokens if token.is_valid()} == kept


def test_another_button_is_refused(press: Any) -> None:
    refused = press(misspelled="1")
    assert (refused.status_code, refused.text) == (
        400,
        "Send one of: user, administrator, language, first_run, installation, expired",
    )


def test_calls_are_listed_after_a_number(
    client: Client, address: str, shown: Any, call: Any, token: str
) -> None:
    call("user.option.set", {"options": {"theme": "dark"}}, token=token)
    call("user.option.set", {"auth": "unknown"})
    everything = client.get(address, {"after": "all"})
    *_, succeeded, failed = everything.json()["calls"]
    assert json.loads(succeeded["parameters"]) == {"options": {"theme": "dark"}}
    assert json.loads(succeeded["answer"])["result"] is True
    assert (succeeded["method"], succeeded["status"]) == ("user.option.set", 200)
    assert (failed["method"], failed["status"]) == ("user.option.set", 401)
    assert token not in everything.text
    newer = client.get(address, {"after": succeeded["number"]}).json()["calls"]
    assert newer == [failed]
    assert f'data-after="{failed["number"]}"' in shown()


def test_the_panel_says_how_to_record_calls(shown: Any, settings: Any) -> None:
    assert f"Add {RECORDER} to MIDDLEWARE" not in shown()
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != RECORDER]
    assert f"Add {RECORDER} to MIDDLEWARE" in shown()
