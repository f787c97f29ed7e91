"""The overview and the pages about people: who sees what, and what is erased when confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from django_user_options.admin import bounded_list, overview_admin, person_pages
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.admin.screens import (
    application_url,
    keep,
    owner_url,
    person_url,
    screen,
    statements,
    url,
)
from tests.tokens import issue_webhook

ADDRESS = "/admin/django_user_options/overview/"


@pytest.mark.database
def test_the_largest_application_comes_first(
    page: Any, make_application: Any, make_user: Any
) -> None:
    notes, board = make_application(name="Notes"), make_application(name="Sales board")
    for number in range(2):
        keep(AppUserOption, notes, make_user(), {"theme": 1, f"key{number}": 1})
    keep(AppOption, board, None, {"large": "x" * 10})
    old = AppUserOption.objects.order_by("pk").first()
    AppUserOption.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=10))
    seen = screen(page, ADDRESS)
    assert seen.figures == ["2", "5", "16\xa0bytes"]
    assert [[cell.strip() for cell in row] for row in seen.rows[1:]] == [
        ["Sales board", "12\xa0bytes", "75%", "0", "0", "0", "0"],
        ["Notes", "4\xa0bytes", "25%", "2", "3", "3", "4"],
    ]
    assert application_url(notes) in seen.links
    assert "estimates" not in seen.text


def test_an_empty_overview_says_so(page: Any) -> None:
    text = screen(page, ADDRESS).text
    assert "No application keeps anything yet." in text
    assert text.count("None.") == 2


@pytest.mark.database
def test_large_totals_are_estimates(
    page: Any, kept: Any, make_application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(AppUserOption, {"large": "x" * 50, "b": 1, "c": 1})
    keep(AppUserOption, make_application(name="Other"), user, {"a": "x"})
    monkeypatch.setattr(bounded_list, "SCAN_BOUND", 2)
    monkeypatch.setattr(overview_admin, "APPLICATIONS_SHOWN", 1)
    seen = screen(page, ADDRESS)
    assert "≈" in seen.figures[1]
    assert "These are estimates" in seen.text
    assert len(seen.rows) == 2
    assert "there are more" in seen.text


@pytest.mark.database
@pytest.mark.parametrize("limit", ["MAX_KEYS_PER_OWNER", "MAX_BYTES_PER_OWNER"])
def test_owners_near_a_limit_are_named(
    page: Any, kept: Any, application: Any, user: Any, make_user: Any, settings: Any, limit: str
) -> None:
    kept(AppUserOption, dict.fromkeys("abcdefghi", 1))
    keep(AppUserOption, application, make_user(), dict.fromkeys("abcdefgh", 1))
    settings.USER_OPTIONS = {limit: 10}
    seen = screen(page, ADDRESS)
    assert seen.rows[-1] == ["ann", "Notes", "90%"]
    assert seen.links[owner_url(application, user)] == "ann"


@pytest.mark.database
@pytest.mark.parametrize("limit", ["MAX_KEYS_PER_OWNER", "MAX_BYTES_PER_OWNER"])
@pytest.mark.parametrize("bound", [9, 1_000])
def test_applications_near_a_limit_of_their_own_are_named(
    page: Any, page_of_staff: Any, application: Any, make_application: Any, settings: Any,
    monkeypatch: pytest.MonkeyPatch, limit: str, bound: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(bounded_list, "SCAN_BOUND", bound)
    keep(AppOption, make_application(name="Small"), None, dict.fromkeys("abcdefgh", 1))
    keep(AppOption, application, None, dict.fromkeys("abcdefghi", 1))
    statements_of_none = len(statements(page, ADDRESS))
    settings.USER_OPTIONS = {limit: 10}
    seen = screen(page, ADDRESS)
    assert seen.rows[-1] == ["The application's own options", "Notes", "90%"]
    assert seen.links[application_url(application)].endswith("own options")
    assert len(statements(page, ADDRESS)) == statements_of_none
    staff = page_of_staff("view_appuseroption")
    assert "own options" not in screen(staff, ADDRESS).text


@pytest.mark.database
@pytest.mark.parametrize("bound", [1, 1_000])
def test_the_projects_admins_may_select_distinct_rows(
    page: Any, application: Any, user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch,
    bound: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(bounded_list, "SCAN_BOUND", bound)
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    for model in (AppUserOption, AppOption):
        keep(model, application, user, {"a": 1, "b": 1})
        rows = model.objects.distinct()
        monkeypatch.setattr(
            admin.site.get_model_admin(model), "get_queryset", lambda _, it=rows: it
        )
    names = {row[0] for row in screen(page, ADDRESS).rows[-2:]}
    assert names == {"ann", "The application's own options"}


@pytest.mark.database
def test_webhooks_that_need_attention_are_listed(
    page: Any, page_of_staff: Any, make_user: Any, user: Any, application: Any
) -> None:
    issue, now = InboundWebhook.objects.issue, timezone.now()
    issue(owner=user, title="Fine", expires_at=now + timedelta(days=31))
    issue_webhook(owner=user, title="Gone", expires_at=now - timedelta(days=1))
    issue(owner=user, title="Soon", expires_at=now + timedelta(days=29))
    issue(owner=make_user("left", is_active=False), title="Left")
    issue(owner=user, title="Idle", created_at=now - timedelta(days=31))
    rows = sorted(row[:3] for row in screen(page, ADDRESS).rows[1:])
    assert rows == [
        ["Idle", "never used", "ann"],
        ["Left", "owner inactive", "left"],
        ["Soon", "ends soon", "ann"],
    ]
    staff = page_of_staff("view_appuseroption")
    assert "attention" not in screen(staff, ADDRESS).text


def test_people_are_found_by_any_name(page: Any, make_user: Any) -> None:
    zoe = make_user("zoe", first_name="Zoe", last_name="Hopper", email="z@example.org")
    make_user("bob")
    for term in ("zo", "hopp", "@example.org"):
        seen = screen(page, ADDRESS, q=term)
        assert seen.links[person_url(zoe)] == "zoe"
        assert "Zoe Hopper" in seen.text
        assert "bob" not in seen.text
    for term in ("nobody", "\0"):
        assert ("Nobody was found." in screen(page, ADDRESS, q=term).text) == (term != "\0")


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
    page: Any, board: Any, notes: Any, user: Any, make_token: Any, make_user: Any
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


def test_a_person_without_options_has_a_page(page: Any, user: Any) -> None:
    for address in (person_url(user), person_url(user, "_erase")):
        assert "No application keeps anything about this person." in screen(page, address).text


def test_too_many_applications_are_cut_and_the_page_says_so(
    page: Any, board: Any, notes: Any, user: Any, monkeypatch: pytest.MonkeyPatch
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


def test_the_export_is_logged(page: Any, notes: Any, user: Any, administrator: Any) -> None:
    answer = page.get(person_url(user, "_export"))
    assert answer["Content-Type"] == "application/zip"
    assert answer.content.startswith(b"PK")
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user) == (str(user.pk), administrator)
    assert entry.get_change_message() == "Exported what applications keep."


def test_erasing_one_application_asks_and_leaves_a_receipt(
    page: Any, board: Any, notes: Any, user: Any
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


def test_erasing_everything_also_deletes_what_is_selected(
    page: Any, board: Any, notes: Any, user: Any, make_token: Any
) -> None:
    make_token(notes, user)
    InboundWebhook.objects.issue(owner=user)
    answer = page.post(person_url(user, "_erase"), {"also": ["tokens", "webhooks"]})
    assert "Erased from all applications – options: 5, webhooks: 1, tokens: 1." in answer.text
    assert page.post(person_url(user, "_erase"), {"also": "users"}).context["form"].errors
    assert "No application keeps" in screen(page, person_url(user)).text


def test_erasing_needs_a_permission_of_its_own(page_of_staff: Any, notes: Any, user: Any) -> None:
    assert page_of_staff("erase_person").post(person_url(user, "_erase")).status_code == 403
    for granted, status in (("delete_appuseroption", 403), ("erase_person", 200)):
        staff = page_of_staff("view_appuseroption", granted)
        links = set(screen(staff, person_url(user)).links)
        assert ("erase/" in links) == (status == 200)
        assert staff.post(person_url(user, "_erase")).status_code == status
    assert not AppUserOption.objects.exists()


def test_an_option_that_cannot_be_erased_is_named(page: Any, notes: Any, user: Any) -> None:
    # Only SQL of the project's own could store it.
    AppUserOption.objects.update(key="a\nkey")
    answer = page.post(person_url(user, "_erase"), follow=True)
    assert "a key must be a string without control characters" in answer.text
    assert AppUserOption.objects.exists()


@pytest.mark.parametrize("granted", [["view_appuseroption"], []], ids=str)
def test_the_projects_own_admin_pages_link_here_with_permission(
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
