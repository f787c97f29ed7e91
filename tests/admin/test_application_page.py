"""The page of an application: its own options, its users, and the keys in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.urls import path, reverse

from django_user_options.admin import AppOptionAdmin, bounded_list, owner_pages
from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import (
    ADMIN,
    Screen,
    application_url,
    keep,
    owner_url,
    screen,
    statements,
    url,
)

if TYPE_CHECKING:
    from django.test import Client

# The urls of a project whose admin shows the applications' own options only.
site = admin.AdminSite()
site.register(AppOption, AppOptionAdmin)
urlpatterns = [path("admin/", site.urls)]


@pytest.fixture
def seen(page: Client, application: Any) -> Any:
    def seen(**parameters: Any) -> Screen:
        return screen(page, application_url(application), **parameters)

    return seen


def test_the_page_sums_up_what_is_kept_for_users(
    seen: Any, application: Any, make_user: Any, make_application: Any
) -> None:
    ann, bob = make_user("ann"), make_user("bob")
    keep(AppUserOption, application, ann, {"theme": "dark", "size": 1})
    keep(AppUserOption, application, bob, {"theme": "light"})
    keep(AppUserOption, make_application(), bob, {"elsewhere": 1})
    page = seen()
    assert [[*map(str.strip, row)] for row in page.rows] == [
        ["User", "Keys", "Size", ""],
        ["ann", "2", "7\xa0bytes", ""],
        ["bob", "1", "7\xa0bytes", ""],
        ["Key", "Users", "Size", ""],
        ["theme", "2", "13\xa0bytes", ""],
        ["size", "1", "1\xa0byte", ""],
    ]
    assert page.links[owner_url(application, ann)] == "ann"
    assert page.figures == ["2", "3", "14\xa0bytes"]


def test_the_page_shows_the_applications_own_options(
    kept: Any, seen: Any, application: Any
) -> None:
    assert "The application keeps nothing for itself." in seen().text
    option = kept(AppOption, {"version": "2.4"}).get()
    page = seen()
    assert page.links[url(AppOption, "change", option.pk)] == "version"
    assert "1 of 1,000 keys" in page.text


def test_users_and_keys_are_sorted_by_size_or_number(
    seen: Any, application: Any, make_user: Any
) -> None:
    keep(AppUserOption, application, make_user("many"), {"a": 1, "b": 1, "c": 1})
    keep(AppUserOption, application, make_user("large"), {"long": "x" * 100, "c": 1})
    by_size, by_number = ([row[0] for row in seen(o=order).rows] for order in ("size", "keys"))
    assert by_size == ["User", "large", "many", "Key", "long", "c", "a", "b"]
    assert by_number == ["User", "many", "large", "Key", "c", "a", "b", "long"]


def test_a_key_leads_to_those_who_have_it(
    page: Client, seen: Any, application: Any, make_user: Any, make_application: Any
) -> None:
    for owner in (application, make_application()):
        keep(AppUserOption, owner, make_user(), {"a b&c": 1, "other": 1})
    (link,) = (link for link, label in seen().links.items() if label == "a b&c")
    assert len(page.get(link).context["cl"].result_list) == 1


def test_what_is_cut_is_said(
    seen: Any, application: Any, make_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_pages, "LARGEST_SHOWN", 1)
    monkeypatch.setattr(bounded_list, "COUNT_BOUND", 1)
    keep(AppUserOption, application, make_user(), {"common": 1})
    keep(AppUserOption, application, make_user(), {"common": 1, "rare": 1})
    page = seen()
    assert page.figures[0] == "1+"
    assert "rare" not in page.text
    assert page.text.count("These are the 1 largest; there are more.") == 2


def test_totals_are_those_of_the_newest_options_and_the_page_says_so(
    kept: Any, seen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(AppUserOption, {"old": 1})
    kept(AppUserOption, {"new": 1, "newer": 1})
    monkeypatch.setattr(bounded_list, "SCAN_BOUND", 2)
    page = seen()
    assert page.figures[:2] == ["1", "2+"]
    assert "those of the newest 2 options" in page.text
    assert "old" not in [row[0] for row in page.rows]


@pytest.mark.parametrize(
    ("permission", "parts"),
    [
        ("view_appoption", [False, True]),
        ("view_appuseroption", [True, False]),
    ],
)
def test_staff_see_the_parts_that_they_may_view(
    page_of_staff: Any, kept: Any, application: Any, permission: str, parts: list[bool]
) -> None:
    for model in (AppOption, AppUserOption):
        kept(model, {"a": 1})
    text = screen(page_of_staff(permission), application_url(application)).text
    headings = ("Keys in use", "The application's own options")
    assert [heading in text for heading in headings] == parts


def test_nothing_is_shown_without_a_permission_or_an_application(
    page: Client, page_of_staff: Any, application: Any
) -> None:
    staff = page_of_staff("view_application", "view_inboundwebhook")
    assert staff.get(application_url(application)).status_code == 403
    assert page.get(reverse(f"{ADMIN}_application", args=[0])).status_code == 404


@pytest.mark.database
def test_the_page_takes_as_many_statements_for_many_users_as_for_one(
    page: Client, application: Any, make_user: Any
) -> None:
    keep(AppUserOption, application, make_user(), {"a": 1})
    few = statements(page, application_url(application))
    for number in range(20):
        keep(AppUserOption, application, make_user(), {f"key{number}": 1})
    many = statements(page, application_url(application))
    # session, user, application; own: totals, count; edge, users, keys, they, count, totals
    assert len(many) == len(few) == 11


@pytest.mark.urls(__name__)
def test_a_project_may_do_without_the_admin_of_user_options(
    page: Client, kept: Any, application: Any
) -> None:
    option = kept(AppOption, {"key": 1}).get()
    assert str(application) in screen(page, url(AppOption, "changelist")).rows[-1]
    assert page.get(url(AppOption, "change", option.pk)).status_code == 200
