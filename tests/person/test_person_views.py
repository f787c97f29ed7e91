"""What people see, download and erase about themselves, and about nobody else."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from django_user_options.models import AppUserOption
from tests.admin.screens import Screen, keep, logged_in
from tests.tokens import issue_webhook

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = "/privacy/"


@pytest.fixture
def erase_page(application: Any, user: Any, make_user: Any) -> str:
    """The page to erase two options of the user; somebody else has one, too."""
    keep(AppUserOption, application, user, {"a": 1, "b": 2})
    keep(AppUserOption, application, make_user(), {"of.another": 1})
    return f"{PAGE}erase/{application.pk}/"


@pytest.fixture
def person(user: Any) -> Client:
    return logged_in(user)


def test_people_see_what_is_kept_about_them_the_largest_first(
    person: Client,
    erase_page: str,
    user: Any,
    application: Any,
    make_application: Any,
    make_token: Any,
) -> None:
    keep(AppUserOption, make_application(name="Board"), user, {"large": "x" * 100})
    for hours in (1, -1):
        ends = timedelta(hours=hours)
        make_token(application, user, lifetime=ends)
        issue_webhook(owner=user, application=application, expires_at=timezone.now() + ends)
    answer = person.get(PAGE)
    assert "no-cache" in answer["Cache-Control"]
    seen = Screen(answer)
    # The link comes early, so that a telephone shows it.
    shown = ["Notes", "Erase Notes", "2", "2\xa0bytes", "1", "1"]
    assert [seen.rows[2][at] for at in (0, 1, 2, 3, 5, 6)] == shown
    assert {erase_page, f"{PAGE}export/"} <= set(seen.links)


def test_the_download_has_the_persons_options_only(person: Client, erase_page: str) -> None:
    archive = ZipFile(BytesIO(person.get(f"{PAGE}export/").content))
    assert len(archive.read("options.jsonl").splitlines()) == 2


def test_erasing_needs_the_password(
    person: Client, erase_page: str, application: Any, user: Any, call: Any, make_token: Any
) -> None:
    token = make_token(application, user)
    assert "Keys: 2." in person.get(erase_page).content.decode()
    answer = person.post(erase_page, {"password": "wrong"})
    assert "This password is incorrect." in answer.content.decode()
    assert AppUserOption.objects.count() == 3
    answer = person.post(erase_page, {"password": "pw", "also": ["tokens"]})
    assert "Erased – options: 2, webhooks: 0, tokens: 1." in answer.content.decode()
    assert [option.key for option in AppUserOption.objects.all()] == ["of.another"]
    assert call("user.option.get", token=token).status_code == 401
    assert "No application keeps anything about you." in person.get(PAGE).content.decode()
    assert person.get(erase_page).status_code == 404


def test_an_option_that_cannot_be_erased_is_named(person: Client, erase_page: str) -> None:
    # Only SQL of the project's own could store it.
    AppUserOption.objects.filter(key="a").update(key="a\nkey")
    answer = person.post(erase_page, {"password": "pw"})
    assert "a key must be a string without control characters" in answer.content.decode()


@pytest.mark.usefixtures("erase_page")
@pytest.mark.parametrize("page", ["", "export/", "erase/1/"])
def test_anonymous_visitors_see_nothing(client: Client, page: str) -> None:
    assert client.get(PAGE + page).url.startswith("/accounts/login/")


def test_a_form_of_another_site_erases_nothing(user: Any, erase_page: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(erase_page, {"password": "pw"}).status_code == 403


def test_the_pages_have_a_language(
    person: Client, erase_page: str, settings: Any, subtests: Callable[..., Any]
) -> None:
    settings.LANGUAGE_CODE = "ru"
    for page in (PAGE, erase_page):
        with subtests.test(page):
            assert '<html lang="ru" dir="ltr">' in person.get(page).content.decode()
