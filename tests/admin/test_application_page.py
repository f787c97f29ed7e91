"""The page of an application: its own options, its users, and the keys in use."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.urls import path

from django_user_options.admin import AppOptionAdmin, bounded_list, owner_pages
from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import (
    Screen,
    application_url,
    keep,
    listed,
    owner_url,
    screen,
    url,
)

# The urls of a project whose admin shows the applications' own options only.
site = admin.AdminSite()
site.register(AppOption, AppOptionAdmin)
urlpatterns = [path("admin/", site.urls)]


@pytest.fixture
def seen(page: Any, application: Any) -> Any:
    def seen(**parameters: Any) -> Screen:
        return screen(page, application_url(application), **parameters)

    return seen


def test_the_page_sums_up_what_is_kept_for_users(
    seen: Any, page: Any, application: Any, make_user: Any, make_application: Any
) -> None:
    ann, bob = make_user("ann"), make_user("bob")
    keep(AppUserOption, application, ann, {"a b&c": "dark", "size": 1})
    keep(AppUserOption, application, bob, {"a b&c": "light"})
    keep(AppUserOption, make_application(), bob, {"a b&c": 1})
    seen = seen()
    assert [[*map(str.strip, row)] for row in seen.rows] == [
        ["User", "Keys", "Size", ""],
        ["ann", "2", "7\xa0bytes", ""],
        ["bob", "1", "7\xa0bytes", ""],
        ["Key", "Users", "Size", ""],
        ["a b&c", "2", "13\xa0bytes", ""],
        ["size", "1", "1\xa0byte", ""],
    ]
    assert seen.figures == ["2", "3", "14\xa0bytes"]
    assert seen.links[owner_url(application, ann)] == "ann"
    # A key leads to those who have it.
    (link,) = (link for link, label in seen.links.items() if label == "a b&c")
    assert len(page.get(link).context["cl"].result_list) == 2


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


def test_the_page_says_what_is_cut(
    seen: Any, application: Any, make_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_pages, "LARGEST_SHOWN", 1)
    monkeypatch.setattr(bounded_list, "COUNT_BOUND", 1)
    monkeypatch.setattr(bounded_list, "SCAN_BOUND", 3)
    keep(AppUserOption, application, make_user(), {"old": 1})
    keep(AppUserOption, application, make_user(), {"common": 1})
    keep(AppUserOption, application, make_user(), {"common": 1, "rare": 1})
    page = seen()
    assert page.figures[:2] == ["1+", "3+"]
    assert "only the newest 3 options" in page.text
    assert page.text.count("These are the 1 largest; there are more.") == 2
    assert {"old", "rare"}.isdisjoint(row[0] for row in page.rows)


def test_staff_see_the_parts_that_they_may_view(
    page_of_staff: Any, kept: Any, application: Any
) -> None:
    for model in (AppOption, AppUserOption):
        kept(model, {"a": 1})
    users, own, address = "Keys in use", "own options", application_url(application)
    text = screen(page_of_staff("view_appoption"), address).text
    assert [users in text, own in text] == [False, True]
    text = screen(page_of_staff("view_appuseroption"), address).text
    assert [users in text, own in text] == [True, False]
    staff = page_of_staff("view_application", "view_inboundwebhook")
    assert staff.get(address).status_code == 403


@pytest.mark.urls(__name__)
def test_a_project_may_do_without_the_admin_of_user_options(page: Any, kept: Any) -> None:
    option = kept(AppOption, {"key": 1}).get()
    assert listed(page, AppOption) == ["key"]
    assert page.get(url(AppOption, "change", option.pk)).status_code == 200
