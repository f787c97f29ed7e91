"""The overview: who keeps how much, who is near a limit, and which webhooks need attention."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from django_user_options.admin import bounded_list, overview_admin
from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
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

pytestmark = pytest.mark.database
ADDRESS = "/admin/django_user_options/overview/"


def test_the_largest_application_comes_first(
    page: Client, make_application: Any, make_user: Any
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
        ["Sales board", "12\xa0bytes", "75 %", "0", "0", "0", "0"],
        ["Notes", "4\xa0bytes", "25 %", "2", "3", "3", "4"],
    ]
    assert application_url(notes) in seen.links
    assert "estimates" not in seen.text


def test_nothing_is_kept_yet(page: Client) -> None:
    text = screen(page, ADDRESS).text
    assert "No application keeps anything yet." in text
    assert text.count("None.") == 2


def test_what_is_too_much_to_count_is_an_estimate(
    page: Client, kept: Any, make_application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
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


@pytest.mark.parametrize("limit", ["MAX_KEYS_PER_OWNER", "MAX_BYTES_PER_OWNER"])
def test_owners_near_a_limit_are_named(
    page: Client, kept: Any, application: Any, user: Any, make_user: Any, settings: Any, limit: str
) -> None:
    kept(AppUserOption, dict.fromkeys("abcdefghi", 1))
    keep(AppUserOption, application, make_user(), dict.fromkeys("abcdefgh", 1))
    settings.USER_OPTIONS = {limit: 10}
    seen = screen(page, ADDRESS)
    assert seen.rows[-1] == ["ann", "Notes", "90 %"]
    assert seen.links[owner_url(application, user)] == "ann"


def test_webhooks_that_need_attention_are_listed(
    page: Client, page_of_staff: Any, make_user: Any, user: Any, application: Any
) -> None:
    issue, now = InboundWebhook.objects.issue, timezone.now()
    issue(owner=user, title="Fine", expires_at=now + timedelta(days=31))
    issue(owner=user, title="Gone", expires_at=now - timedelta(days=1))
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


def test_people_are_found_by_any_name(page: Client, make_user: Any) -> None:
    zoe = make_user("zoe", first_name="Zoe", last_name="Hopper", email="z@example.org")
    make_user("bob")
    for term in ("zo", "hopp", "@example.org"):
        seen = screen(page, ADDRESS, q=term)
        assert seen.links[person_url(zoe)] == "zoe"
        assert "Zoe Hopper" in seen.text
        assert "bob" not in seen.text
    for term in ("nobody", "\0"):
        assert ("Nobody was found." in screen(page, ADDRESS, q=term).text) == (term != "\0")


def test_only_those_who_may_view_options_of_users_see_it(
    page_of_staff: Any, client: Client
) -> None:
    assert page_of_staff("view_appoption").get(ADDRESS).status_code == 403
    assert page_of_staff("view_appuseroption").get(ADDRESS).status_code == 200
    assert client.get(ADDRESS).status_code == 302
    assert url(Overview, "changelist") == ADDRESS


def test_it_takes_few_statements_for_any_number_of_applications(
    page: Client, make_application: Any, make_user: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1}
    counts = set()
    for _ in range(3):
        keep(AppUserOption, make_application(), make_user(), {"a": 1})
        counts.add(len(statements(page, ADDRESS)))
    # session, user; bounds, figures; applications; fullest, totals, both owners; webhooks
    assert counts == {12}
