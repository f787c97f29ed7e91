"""The page of an application: its own options, its users, and the keys in use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.urls import path, reverse

from django_user_options.admin import AppOptionAdmin, applications, paginator
from django_user_options.admin.changelist import newest
from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import ADMIN, application_url, keep, owner_url, statements, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

# The urls of a host whose admin shows the applications' own options only.
site = admin.AdminSite()
site.register(AppOption, AppOptionAdmin)
urlpatterns = [path("admin/", site.urls)]


@pytest.fixture
def text(page: Client, application: Any) -> Callable[..., str]:
    def text(**parameters: Any) -> str:
        response = page.get(application_url(application), parameters)
        assert response.status_code == 200
        return response.content.decode()

    return text


def _figures(shown: str) -> list[str]:
    return re.findall(r"<dd>(.*?)</dd>", shown)


def test_the_page_sums_up_what_is_kept_for_users(
    text: Callable[..., str],
    application: Any,
    make_user: Callable[..., Any],
    make_application: Callable[..., Any],
) -> None:
    ann, bob = make_user("ann"), make_user("bob")
    keep(AppUserOption, application, ann, {"theme": "dark", "size": 1})
    keep(AppUserOption, application, bob, {"theme": "light"})
    keep(AppUserOption, make_application(), bob, {"elsewhere": 1})
    shown = text()
    assert _figures(shown) == ["2", "3", "14\xa0bytes"]
    assert "elsewhere" not in shown
    users = re.findall(r'<a href="(.*?)">(\w+)</a></th>\s*<td class="uo-number">(\d+)<', shown)
    assert users == [
        (owner_url(application, ann), "ann", "2"),
        (owner_url(application, bob), "bob", "1"),
    ]
    keys = re.findall(r'uo-key">&quot;(\w+)&quot;</th>\s*<td class="uo-number">(\d+)<', shown)
    assert keys == [("theme", "2"), ("size", "1")]


def test_the_page_shows_the_applications_own_options(
    text: Callable[..., str], application: Any, user: Any
) -> None:
    option = keep(AppOption, application, user, {"version": "2.4"}).get()
    shown = text()
    assert f'<a href="{url(AppOption, "change", option.pk)}">&quot;version&quot;</a>' in shown
    assert "1 of 1,000 keys" in shown


def test_an_application_that_keeps_nothing_has_a_page(text: Callable[..., str]) -> None:
    shown = text()
    assert _figures(shown) == ["0", "0", "0\xa0bytes"]
    assert "The application keeps nothing for itself." in shown


def test_users_are_paged_from_one_to_the_next(
    text: Callable[..., str],
    application: Any,
    make_user: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(applications, "_USERS_PER_PAGE", 2)
    monkeypatch.setattr(paginator.count_up_to, "__defaults__", (4,))
    for number in range(5):
        keep(AppUserOption, application, make_user(f"user{number}"), {"a": 1, "b": 1})
    found, parameters = [], {}
    while True:
        shown = text(**parameters)
        assert _figures(shown)[0] == "4+"
        found.append(re.findall(r">(user\d)</a></th>", shown))
        following = re.search(r'href="\?after=(.*?)"', shown)
        if following is None:
            break
        parameters = {"after": following[1]}
    assert found == [["user0", "user1"], ["user2", "user3"], ["user4"]]
    assert ">First users</a>" in shown


@pytest.mark.parametrize("after", ["x", "0", "99999999999999999999"])
def test_users_cannot_be_paged_from_nobody(page: Client, application: Any, after: str) -> None:
    assert page.get(application_url(application), {"after": after}).status_code == 404


def test_only_the_keys_of_most_users_are_shown(
    text: Callable[..., str],
    application: Any,
    make_user: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(applications, "_KEYS_SHOWN", 1)
    keep(AppUserOption, application, make_user(), {"common": 1})
    keep(AppUserOption, application, make_user(), {"common": 1, "rare": 1})
    shown = text()
    assert "common" in shown
    assert "rare" not in shown
    assert "These are the 1 keys that most users have; there are more." in shown


def test_totals_are_those_of_the_newest_options_and_say_so(
    text: Callable[..., str], application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(AppUserOption, application, user, {"old": 1})
    keep(AppUserOption, application, user, {"new": 1, "newer": 1})
    monkeypatch.setattr(newest, "__defaults__", (2,))
    monkeypatch.setattr(applications, "SCAN_BOUND", 2)
    shown = text()
    assert _figures(shown) == ["1", "2+", "2\xa0bytes+"]
    assert "those of the newest 2 options" in shown
    assert ">&quot;old&quot;<" not in shown


@pytest.mark.parametrize(
    ("permission", "headings"),
    [
        ("view_appoption", {"uo-own"}),
        ("view_appuseroption", {"uo-stored", "uo-users", "uo-keys"}),
    ],
)
def test_staff_see_the_parts_that_they_may_view(
    page_of_staff: Callable[..., Client], application: Any, permission: str, headings: set[str]
) -> None:
    shown = page_of_staff(permission).get(application_url(application)).content.decode()
    assert set(re.findall(r'<h2 id="(uo-\w+)"', shown)) == headings


def test_staff_without_a_permission_to_view_options_see_nothing(
    page_of_staff: Callable[..., Client], application: Any
) -> None:
    staff = page_of_staff("view_application", "view_inboundwebhook")
    assert staff.get(application_url(application)).status_code == 403


def test_an_application_that_does_not_exist_has_no_page(page: Client, db: None) -> None:
    assert page.get(reverse(f"{ADMIN}_application", args=[0])).status_code == 404


def test_the_page_takes_as_many_statements_for_many_users_as_for_one(
    page: Client, application: Any, make_user: Callable[..., Any]
) -> None:
    keep(AppUserOption, application, make_user(), {"a": 1})
    few = statements(page, application_url(application))
    for number in range(20):
        keep(AppUserOption, application, make_user(), {f"key{number}": 1})
    many = statements(page, application_url(application))
    # session, user, application; own: totals, count; edge, totals, keys; users: totals, they, count
    assert len(many) == len(few) == 11


@pytest.mark.usefixtures("editable")
def test_own_options_are_shown_even_where_they_have_another_admin_or_none(
    text: Callable[..., str], application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(AppOption, application, user, {"version": "2.4"})
    assert "deletelink" in text()
    plain = admin.ModelAdmin(AppOption, admin.site)
    monkeypatch.setitem(admin.site._registry, AppOption, plain)
    assert "deletelink" in text()
    monkeypatch.delitem(admin.site._registry, AppOption)
    shown = text()
    assert "version" in shown
    assert "deletelink" not in shown


@pytest.mark.urls(__name__)
def test_a_host_may_do_without_the_admin_of_user_options(
    page: Client, application: Any, user: Any
) -> None:
    option = keep(AppOption, application, user, {"key": 1}).get()
    shown = page.get(url(AppOption, "changelist")).content.decode()
    assert f'<td class="field-application_link">{application}</td>' in shown
    assert page.get(url(AppOption, "change", option.pk)).status_code == 200
