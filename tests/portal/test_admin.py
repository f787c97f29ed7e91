"""The admin of application pages and visits."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.portal.models import ApplicationPage, ApplicationVisit, origin_of
from tests.admin.screens import Screen, logged_in, url

pytestmark = pytest.mark.django_db

ORIGIN = "https://app.example"


@pytest.fixture
def listing(application: Any) -> Any:
    application.allowed_origins = f"{ORIGIN} http://127.0.0.1:3000 https://xn--caf-dma.example"
    application.save()
    return application


@pytest.mark.parametrize(
    ("address", "error"),
    [
        (f"{ORIGIN}/start?a=b#c", ""),
        (f"{ORIGIN}:443/", ""),
        ("https://APP.example/", ""),
        ("http://127.0.0.1:3000/", ""),
        ("https://café.example/", ""),
        (f"{ORIGIN}:444/", f"Add {ORIGIN}:444 to the allowed origins of the application first."),
        ("http://[::1]:80/", "Add http://[::1] to the allowed origins of the application first."),
        ("https://evil.example/", "Add https://evil.example to the allowed origins"),
        (f"{ORIGIN}:99999/", "This is not the address of a web page."),
        ("javascript:alert(1)", "This is not the address of a web page."),
        ("ftp://app.example/", "Enter a valid URL."),
        ("app.example", "Enter a valid URL."),
        ("", "This field is required."),
    ],
)
def test_an_address_has_an_origin_that_the_application_lists(
    administrator: Any, listing: Any, address: str, error: str
) -> None:
    form = {"application": listing.pk, "title": "Notes", "address": address}
    answer = logged_in(administrator).post(url(ApplicationPage, "add"), form)
    if error:
        assert error in Screen(answer).text
    assert ApplicationPage.objects.filter(address=address).exists() is not bool(error)


def test_the_address_for_installation_obeys_the_same_rule(administrator: Any, listing: Any) -> None:
    form = {"application": listing.pk, "title": "Notes", "address": ORIGIN}
    page = logged_in(administrator)
    answer = page.post(
        url(ApplicationPage, "add"), {**form, "install_address": "https://evil.example/"}
    )
    assert "Add https://evil.example to the allowed origins" in Screen(answer).text
    assert "This field is required" in Screen(page.post(url(ApplicationPage, "add"), {})).text


def test_the_list_leads_to_the_page(administrator: Any, page: Any) -> None:
    listed = Screen(logged_in(administrator).get(url(ApplicationPage, "changelist")))
    assert listed.links[page.get_absolute_url()] == "Open"
    assert str(page) == "<b>Notes"


def test_visits_are_shown_and_can_only_be_deleted(
    administrator: Any, application: Any, user: Any
) -> None:
    visit = ApplicationVisit.objects.create(application=application, user=user)
    admin = logged_in(administrator)
    listed = Screen(admin.get(url(ApplicationVisit, "changelist"), {"user": user.pk}))
    assert "ann" in listed.text
    assert admin.get(url(ApplicationVisit, "add")).status_code == 403
    change = url(ApplicationVisit, "change", visit.pk)
    assert admin.post(change, {"first_run": ""}).status_code == 403
    admin.post(url(ApplicationVisit, "delete", visit.pk), {"post": "yes"})
    assert not ApplicationVisit.objects.exists()


def test_an_origin_is_written_as_browsers_write_it() -> None:
    assert origin_of("HTTPS://ann:pw@Café.example:443/a?b#c") == "https://xn--caf-dma.example"
