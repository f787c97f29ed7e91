"""The list: newest first, typed previews, links, and no more rows than are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.admin import bounded_list
from django_user_options.models import AppUserOption
from tests.admin.screens import (
    Screen,
    application_url,
    keep,
    listed,
    owner_url,
    person_url,
    screen,
    statements,
    url,
)

if TYPE_CHECKING:
    from django.test import Client

LIST = "/admin/django_user_options/appuseroption/"


PREVIEWS = [
    ("dark", '"dark"'),
    ("1", '"1"'),
    ("", '""'),
    ("x" * 200, f'"{"x" * 58}…'),
    ("Zażółć 👨‍👩‍👧", '"Zażółć 👨‍👩‍👧"'),
    ("a\u202eb\u0085", '"a\\u202eb\\u0085"'),
    (1, "1"),
    (-0.5, "-0.5"),
    (10**200, f"1{'0' * 58}…"),
    (1e16, "1e+16"),
    (True, "true"),
    (False, "false"),
    (None, "null"),
    ({}, "{}"),
    ({"a": [1, 2]}, '{"a": [1, 2]}'),
    ([], "[]"),
    (["x"] * 30, '["x"' + ', "x"' * 11 + "…"),
]
KEYS = {
    "theme": "theme",
    "theme ": '"theme "',
    " theme": '" theme"',
    "theme\u00a0": '"theme\\u00a0"',
    "the\u202eme": '"the\\u202eme"',
    # As it stands it would look like the second one.
    '"theme "': '"\\"theme \\""',
    'the "me"\\n': 'the "me"\\n',
    "k" * 255: f"{'k' * 39}…",
}


def test_the_list_shows_the_newest_option_first(page: Client, kept: Any, model: Any) -> None:
    for options in ({"b": 1}, {"a": 1}, {"b": 2}):
        kept(model, options)
    assert listed(page, model) == ["a", "b"]


def test_the_list_shows_the_type_and_the_beginning_of_a_value(page: Client, kept: Any) -> None:
    kept(AppUserOption, {f"{number:02}": value for number, (value, _) in enumerate(PREVIEWS)})
    seen = screen(page, LIST, o="1").column(4)
    assert seen == [preview for _, preview in PREVIEWS]


def test_keys_that_differ_never_look_alike(page: Client, kept: Any, model: Any) -> None:
    options = kept(model, dict.fromkeys(KEYS, "x" * 3000)).all()
    seen = screen(page, url(model, "changelist"))
    shown = {it.key: seen.links[url(model, "change", it.pk)] for it in options}
    assert shown == KEYS
    assert "2.9\xa0KB" in seen.rows[-1]


def test_each_row_links_to_its_owners(page: Client, kept: Any, application: Any, user: Any) -> None:
    kept(AppUserOption, {"key": 1})
    links = screen(page, LIST).links
    assert links[application_url(application)] == str(application)
    assert links[person_url(user)] == str(user)
    assert links[owner_url(application, user)] == "⋯"


def test_the_list_can_be_ordered_by_key_and_size(page: Client, kept: Any) -> None:
    kept(AppUserOption, {"a": "large", "b": 1, "c": 10})
    for column, keys in (("1", "abc"), ("-1", "cba"), ("5", "bca")):
        assert listed(page, AppUserOption, o=column) == [*keys]


def test_a_list_is_counted_and_paged_up_to_a_bound(
    page: Client, kept: Any, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_list, "COUNT_BOUND", 60)
    address, names = url(model, "changelist"), model._meta.verbose_name_plural
    kept(model, {f"key{number:02}": number for number in range(60)})
    assert f"60 {names}" in screen(page, address).text
    assert "60 results" in screen(page, address, q="key").text
    kept(model, {"key60": 1, "key61": 1})
    assert f"60+ {names}" in screen(page, address).text
    assert listed(page, model, p=2) == [f"key{number:02}" for number in range(11, 1, -1)]
    assert page.get(address, {"p": 3}).status_code == 302
    assert " results (" not in screen(page, address, q="key").text


@pytest.mark.database
def test_the_list_takes_as_many_statements_for_twenty_options_as_for_one(
    page: Client, model: Any, make_application: Any, make_user: Any
) -> None:
    keep(model, make_application(), make_user(), {"key": 1})
    few = statements(page, url(model, "changelist"))
    for _ in range(19):
        keep(model, make_application(), make_user(), {"key": 1})
    many = statements(page, url(model, "changelist"))
    assert len(many) == len(few) == 4  # session, user, count, rows
    assert [sql for sql in many if "COUNT(*)" in sql and "LIMIT 1001" not in sql] == []


def test_an_address_that_names_no_row_is_redirected(page: Client, store: Any) -> None:
    option = store("key", 1)
    answer = page.get(url(type(option), "change", "x"), follow=True)
    assert "Perhaps it was deleted?" in Screen(answer).text
