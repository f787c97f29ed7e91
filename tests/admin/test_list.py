"""The list: newest first, typed previews, links, and no more rows than are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils.html import escape

from django_user_options.admin import paginator
from django_user_options.models import AppUserOption
from tests.admin.screens import application_url, keep, listed, owner_url, statements, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client


@pytest.fixture
def bound_of_sixty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paginator.count_up_to, "__defaults__", (60,))


def _text(page: Client, model: Any, **parameters: Any) -> str:
    return page.get(url(model, "changelist"), parameters).content.decode()


def test_the_list_shows_the_newest_option_first(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    for options in ({"b": 1}, {"a": 1}, {"b": 2}):
        keep(model, application, user, options)
    assert listed(page, model) == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "kind", "preview"),
    [
        ("dark", "string", '"dark"'),
        ("1", "string", '"1"'),
        ("", "string", '""'),
        ("x" * 200, "string", f'"{"x" * 59}…"'),
        ("Zażółć 👨‍👩‍👧", "string", '"Zażółć 👨‍👩‍👧"'),
        ("a\u202eb\u0085", "string", '"a\\u202eb\\u0085"'),
        (1, "number", "1"),
        (10**200, "number", f"1{'0' * 58}…"),
        (1e16, "number", "1e+16"),
        (True, "boolean", "true"),
        ({}, "object", "0 entries"),
        ({"a": [1, 2]}, "object", "1 entry"),
        ([], "list", "0 entries"),
        ([1, 2], "list", "2 entries"),
    ],
)
def test_the_list_shows_the_type_and_the_beginning_of_a_value(
    page: Client, store: Callable[..., Any], value: Any, kind: str, preview: str
) -> None:
    option = store("key", value)
    label = f'<span class="uo-kind uo-{kind}">{kind}</span>'
    cell = f'<td class="field-preview">{label} {escape(preview)}</td>'
    assert cell in _text(page, type(option))


def test_the_list_shows_null_as_a_type_alone(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", None)
    cell = '<td class="field-preview"><span class="uo-kind uo-null">null</span></td>'
    assert cell in _text(page, type(option))


def test_the_list_shows_sizes_for_people(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", "x" * 3000)
    assert '<td class="field-shown_size">2.9\xa0KB</td>' in _text(page, type(option))


def test_keys_that_differ_in_spaces_are_told_apart(page: Client, store: Callable[..., Any]) -> None:
    for key in ("theme", "theme ", "theme\u00a0"):
        option = store(key, 1)
    text = _text(page, type(option))
    for shown in ('"theme"', '"theme "', '"theme\\u00a0"'):
        assert f">{escape(shown)}</a>" in text


def test_the_list_cuts_long_keys(page: Client, store: Callable[..., Any]) -> None:
    option = store("k" * 255, 1)
    shown = f'"{"k" * 39}…"'
    assert f">{escape(shown)}</a>" in _text(page, type(option))


def test_each_row_links_to_its_application(
    page: Client, store: Callable[..., Any], application: Any
) -> None:
    option = store("key", 1)
    link = f'<a href="{application_url(application)}">{application}</a>'
    assert link in _text(page, type(option))


def test_each_row_links_to_its_owner(page: Client, application: Any, user: Any) -> None:
    keep(AppUserOption, application, user, {"key": 1})
    link = f'<a href="{owner_url(application, user)}">{user}</a>'
    assert link in _text(page, AppUserOption)


@pytest.mark.parametrize(("column", "keys"), [("1", ["a", "b"]), ("-1", ["b", "a"])])
def test_the_list_can_be_ordered_by_key(
    page: Client, model: Any, application: Any, user: Any, column: str, keys: list[str]
) -> None:
    keep(model, application, user, {"b": 1, "a": 1})
    assert listed(page, model, o=column) == keys


def test_the_list_can_be_ordered_by_size(page: Client, application: Any, user: Any) -> None:
    keep(AppUserOption, application, user, {"a": "large", "b": 1, "c": 10})
    assert listed(page, AppUserOption, o="5") == ["b", "c", "a"]


def test_a_list_of_few_says_how_many_they_are(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", 1)
    assert f"1 {option._meta.verbose_name}" in _text(page, type(option))


@pytest.mark.usefixtures("bound_of_sixty")
def test_a_list_of_many_counts_and_pages_up_to_a_bound(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    keep(model, application, user, {f"key{number:02}": number for number in range(70)})
    text = _text(page, model)
    assert f"60+ {model._meta.verbose_name_plural}" in text
    assert listed(page, model, p=2) == [f"key{number:02}" for number in range(19, 9, -1)]
    response = page.get(url(model, "changelist"), {"p": 3})
    assert response.status_code == 302
    assert " results (" not in _text(page, model, q="key")


@pytest.mark.usefixtures("bound_of_sixty")
def test_a_list_within_the_bound_is_counted_exactly(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    keep(model, application, user, {f"key{number:02}": number for number in range(60)})
    assert f"60 {model._meta.verbose_name_plural}" in _text(page, model)
    assert "60 results" in _text(page, model, q="key")


def test_the_list_takes_as_many_statements_for_twenty_options_as_for_one(
    page: Client, model: Any, make_application: Callable[..., Any], make_user: Callable[..., Any]
) -> None:
    keep(model, make_application(), make_user(), {"key": 1})
    few = statements(page, url(model, "changelist"))
    for _ in range(19):
        keep(model, make_application(), make_user(), {"key": 1})
    many = statements(page, url(model, "changelist"))
    assert len(many) == len(few) == 4  # session, user, count, rows


def test_no_statement_of_the_list_counts_the_whole_table(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("key", 1)
    for sql in statements(page, url(type(option), "changelist")):
        assert "COUNT(*)" not in sql or "LIMIT 1001" in sql
