"""The list of options and the page of one: what they show, link to, and cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from oauth2_provider.models import get_application_model

from django_user_options.admin import bounded_list
from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import (
    Screen,
    application_url,
    listed,
    owner_url,
    person_url,
    screen,
    url,
)

LIST = "/admin/django_user_options/appuseroption/"


PREVIEWS = [
    ("dark", '"dark"'),
    ("", '""'),
    ("x" * 200, f'"{"x" * 58}…'),
    ("Zażółć 👨‍👩‍👧", '"Zażółć 👨‍👩‍👧"'),
    ("a\u202eb\u0085", '"a\\u202eb\\u0085"'),
    (-0.5, "-0.5"),
    (10**200, f"1{'0' * 58}…"),
    (1e16, "1e+16"),
    (False, "false"),
    (None, "null"),
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


def test_the_list_shows_the_newest_option_first(page: Any, kept: Any, model: Any) -> None:
    for options in ({"b": 1}, {"a": 1}, {"b": 2}):
        kept(model, options)
    assert listed(page, model) == ["a", "b"]


def test_the_list_shows_the_type_and_the_beginning_of_a_value(page: Any, kept: Any) -> None:
    kept(AppUserOption, {f"{number:02}": value for number, (value, _) in enumerate(PREVIEWS)})
    seen = screen(page, LIST, o="1").column(4)
    assert seen == [preview for _, preview in PREVIEWS]


def test_keys_that_differ_never_look_alike(page: Any, kept: Any, model: Any) -> None:
    options = kept(model, dict.fromkeys(KEYS, "x" * 3000)).all()
    seen = screen(page, url(model, "changelist"))
    shown = {it.key: seen.links[url(model, "change", it.pk)] for it in options}
    assert shown == KEYS
    assert "2.9\xa0KB" in seen.rows[-1]


def test_each_row_links_to_its_owners(page: Any, kept: Any, application: Any, user: Any) -> None:
    kept(AppUserOption, {"key": 1})
    links = screen(page, LIST).links
    assert links[application_url(application)] == str(application)
    assert links[person_url(user)] == str(user)
    assert links[owner_url(application, user)] == "⋯"


def test_the_list_can_be_ordered_by_key_and_size(page: Any, kept: Any) -> None:
    kept(AppUserOption, {"a": "large", "b": 1, "c": 10})
    for column, keys in (("1", "abc"), ("-1", "cba"), ("5", "bca")):
        assert listed(page, AppUserOption, o=column) == [*keys]


def test_a_list_is_counted_and_paged_up_to_a_bound(
    page: Any, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_list, "COUNT_BOUND", 60)
    kept(AppUserOption, {f"key{number:02}": number for number in range(60)})
    assert "60 user options" in screen(page, LIST).text
    assert "60 results" in screen(page, LIST, q="key").text
    kept(AppUserOption, {"key60": 1, "key61": 1})
    assert "60+ user options" in screen(page, LIST).text
    assert listed(page, AppUserOption, p=2) == [f"key{number:02}" for number in range(11, 1, -1)]
    assert page.get(LIST, {"p": 3}).status_code == 302
    assert " results (" not in screen(page, LIST, q="key").text


def _seen(page: Any, option: Any) -> Screen:
    return screen(page, url(type(option), "change", option.pk))


def test_the_option_page_shows_indented_json_with_invisible_characters(
    page: Any, kept: Any
) -> None:
    value = {"color": "żółty", "sizes": [1, 1e16], "hidden": "\u200b\U000e0041", "z": "v" * 60_000}
    option = kept(AppUserOption, {"k" * 254 + "\u202e": value}).get()
    text = _seen(page, option).text
    assert option.digest in text
    assert '{\n  "color": "żółty",\n  "sizes": [\n    1,\n    1e+16\n  ],\n' in text
    for shown in ("k" * 254 + "\\u202e", "v" * 60_000, '"hidden": "\\u200b\\udb40\\udc41"'):
        assert shown in text


def test_the_page_of_an_option_links_to_its_owners(
    page: Any, kept: Any, application: Any, user: Any
) -> None:
    links = _seen(page, kept(AppUserOption, {"key": 1}).get()).links
    assert {
        url(get_user_model(), "change", user.pk),
        url(get_application_model(), "change", application.pk),
        owner_url(application, user),
        application_url(application),
    } <= set(links)


def test_nobody_adds_changes_or_deletes_an_option(page: Any, kept: Any, model: Any) -> None:
    option = kept(model, {"key": "old"}).get()
    add, change, delete, listed = (
        url(model, "add"),
        url(model, "change", option.pk),
        url(model, "delete", option.pk),
        url(model, "changelist"),
    )
    seen = _seen(page, option)
    assert delete not in seen.links
    assert "_save" not in seen.fields
    assert "delete_selected" not in screen(page, listed).fields
    fields = {"key": "a", "value": "1", "post": "yes"}
    refused = [page.get(add), page.get(delete)]
    refused += [page.post(address, fields) for address in (add, change, delete)]
    assert {answer.status_code for answer in refused} == {403}
    selection = {"action": "delete_selected", "_selected_action": option.pk, "post": "yes"}
    page.post(listed, selection)
    assert [(kept.key, kept.value) for kept in model.objects.all()] == [("key", "old")]


@pytest.mark.parametrize("owner", ["user", "application"])
def test_an_administrator_deletes_an_owner_along_with_the_options(
    page: Any, kept: Any, user: Any, application: Any, owner: str
) -> None:
    kept(AppUserOption, {"a": 1, "b": 2})
    kept(AppOption, {"b": 2})
    gone = user if owner == "user" else application
    assert page.post(url(type(gone), "delete", gone.pk), {"post": "yes"}).status_code == 302
    assert not type(gone).objects.filter(pk=gone.pk).exists()
    assert not AppUserOption.objects.exists()
    assert AppOption.objects.exists() == (owner == "user")


def test_an_unknown_option_redirects(page: Any) -> None:
    answer = page.get(url(AppUserOption, "change", "x"), follow=True)
    assert "Perhaps it was deleted?" in Screen(answer).text
