"""The pages about a person: who sees what, what is exported, and what is erased when confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from django_user_options.admin import person_pages
from django_user_options.models import AppUserOption, InboundWebhook
from tests.admin.screens import (
    application_url,
    keep,
    owner_url,
    person_url,
    screen,
    statements,
    url,
)

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def board(make_application: Any, user: Any) -> Any:
    """An application that keeps more than the usual one."""
    board = make_application(name="Sales board")
    keep(AppUserOption, board, user, {"a": 1, "b": 2, "c": 3, "d": "x" * 100})
    return board


@pytest.fixture
def notes(kept: Any, application: Any) -> Any:
    kept(AppUserOption, {"theme": "dark"})
    return application


def test_each_application_has_a_card_the_largest_first(
    page: Client, board: Any, notes: Any, user: Any, make_token: Any, make_user: Any
) -> None:
    make_token(notes, user)
    make_token(notes, user, lifetime=-timedelta(hours=1))
    make_token(None, user)
    InboundWebhook.objects.issue(owner=user, application=board)
    InboundWebhook.objects.issue(owner=user)
    keep(AppUserOption, notes, make_user(), {"of.another.user": 1})
    seen = screen(page, person_url(user))
    assert [row[0] for row in seen.rows] == ["Key", "d", "c", "b", "Key", "theme"]
    assert seen.figures[:4] == ["4", "105\xa0bytes", "0", "1"]
    assert seen.figures[5:9] == ["1", "6\xa0bytes", "1", "0"]
    assert {owner_url(board, user), owner_url(notes, user), "export/", "erase/"} <= set(seen.links)


def test_a_person_about_whom_nothing_is_kept_has_a_page(page: Client, user: Any) -> None:
    for address in (person_url(user), person_url(user, "_erase")):
        assert "No application keeps anything about this person." in screen(page, address).text


def test_too_many_applications_are_cut_and_the_page_says_so(
    page: Client, board: Any, notes: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_pages, "APPLICATIONS_SHOWN", 1)
    seen = screen(page, person_url(user))
    assert "These are the 1 applications that keep the most" in seen.text
    assert "theme" not in [row[0] for row in seen.rows]


@pytest.mark.parametrize("granted", [[], ["view_accesstoken", "view_inboundwebhook"]], ids=str)
def test_credentials_are_counted_for_those_who_may_see_them(
    page_of_staff: Any, notes: Any, user: Any, granted: list[str]
) -> None:
    text = screen(page_of_staff("view_appuseroption", *granted), person_url(user)).text
    assert [title in text for title in ("Live tokens", "Webhooks")] == [bool(granted)] * 2


def test_the_export_is_logged(page: Client, notes: Any, user: Any, administrator: Any) -> None:
    answer = page.get(person_url(user, "_export"))
    assert answer["Content-Type"] == "application/zip"
    assert answer.content.startswith(b"PK")
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user) == (str(user.pk), administrator)
    assert entry.get_change_message() == "Exported what applications keep."


def test_erasing_one_application_asks_and_leaves_a_receipt(
    page: Client, board: Any, notes: Any, user: Any
) -> None:
    address = f"{person_url(user, '_erase')}?application={board.pk}"
    asked = screen(page, address)
    assert asked.column(0) == ["Sales board"]
    assert "ann" in asked.text
    assert AppUserOption.objects.count() == 5
    receipt = "Erased from Sales board – options: 4, webhooks: 0, tokens: 0."
    assert receipt in page.post(address).text
    assert [option.key for option in AppUserOption.objects.all()] == ["theme"]
    assert LogEntry.objects.get().get_change_message() == receipt
    assert receipt in screen(page, url(type(user), "history", user.pk)).text


def test_erasing_everything_takes_what_is_ticked(
    page: Client, board: Any, notes: Any, user: Any, make_token: Any
) -> None:
    make_token(notes, user)
    InboundWebhook.objects.issue(owner=user)
    answer = page.post(person_url(user, "_erase"), {"also": ["tokens", "webhooks"]})
    assert "Erased from all applications – options: 5, webhooks: 1, tokens: 1." in answer.text
    assert page.post(person_url(user, "_erase"), {"also": "users"}).context["form"].errors
    assert "No application keeps" in screen(page, person_url(user)).text


def test_erasing_needs_a_permission_of_its_own(page_of_staff: Any, notes: Any, user: Any) -> None:
    for granted, status in (("delete_appuseroption", 403), ("erase_person", 200)):
        staff = page_of_staff("view_appuseroption", granted)
        links = set(screen(staff, person_url(user)).links)
        assert ("erase/" in links) == (status == 200)
        assert staff.post(person_url(user, "_erase")).status_code == status
    assert not AppUserOption.objects.exists()


def test_what_cannot_be_erased_is_named(page: Client, notes: Any, user: Any) -> None:
    # Only SQL of the project's own could store it.
    AppUserOption.objects.update(key="a\nkey")
    answer = page.post(person_url(user, "_erase"), follow=True)
    assert "a key must be a string without control characters" in answer.text
    assert AppUserOption.objects.exists()


@pytest.mark.parametrize("of", ["", "_export", "_erase"])
def test_without_a_permission_or_a_person_there_is_no_page(
    page: Client, page_of_staff: Any, client: Client, user: Any, of: str
) -> None:
    staff = page_of_staff("view_user", "erase_person")
    assert staff.get(person_url(user, of)).status_code == 403
    assert client.get(person_url(user, of)).url.startswith("/admin/login/")
    nobody = reverse(f"admin:django_user_options_overview_person{of}", args=["0"])
    assert page.get(nobody).status_code == 404


@pytest.mark.parametrize("granted", [["view_appuseroption"], []], ids=str)
def test_the_projects_own_pages_link_here_for_those_who_may_follow(
    page_of_staff: Any, notes: Any, user: Any, granted: list[str]
) -> None:
    staff = page_of_staff("view_user", "view_application", "view_inboundwebhook", *granted)
    overview = reverse("admin:django_user_options_overview_changelist")
    for address, link in (
        (url(type(user), "change", user.pk), person_url(user)),
        (url(type(notes), "change", notes.pk), application_url(notes)),
        (reverse("admin:app_list", args=["django_user_options"]), overview),
        (reverse("admin:index"), overview),
    ):
        assert (link in screen(staff, address).links) == bool(granted)


@pytest.mark.database
def test_the_page_takes_as_many_statements_for_many_applications_as_for_one(
    page: Client, user: Any, make_application: Any
) -> None:
    counts = set()
    for _ in range(3):
        keep(AppUserOption, make_application(), user, dict.fromkeys("abcde", 1))
        counts.add(len(statements(page, person_url(user))))
    # session, user; person; options, tokens, webhooks, applications; newest
    assert counts == {8}
