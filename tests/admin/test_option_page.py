"""The page of one option, and who may do what with it while editing is off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.utils.html import escape
from oauth2_provider.models import get_application_model

from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import application_url, keep, owner_url, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client


def _text(page: Client, option: Any) -> str:
    return page.get(url(type(option), "change", option.pk)).content.decode()


def test_the_page_of_an_option_shows_its_whole_value_as_indented_json(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("key", {"colour": "żółty", "sizes": [1, 1e16]})
    text = '{\n  "colour": "żółty",\n  "sizes": [\n    1,\n    1e+16\n  ]\n}'
    assert f'<pre class="uo-json">{escape(text)}</pre>' in _text(page, option)


def test_the_page_of_an_option_shows_long_keys_and_values_whole(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("k" * 255, "v" * 60_000)
    text = _text(page, option)
    for whole in (option.key, option.value):
        assert f'<pre class="uo-json">&quot;{whole}&quot;</pre>' in text


def test_the_page_of_an_option_makes_visible_what_is_not(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("theme\u202e", ["\u200b", "\U000e0041"])
    text = _text(page, option)
    assert escape('"theme\\u202e"') in text
    assert escape('"\\u200b",\n  "\\udb40\\udc41"') in text


def test_the_page_of_an_option_links_to_its_owners(
    page: Client, application: Any, user: Any
) -> None:
    option = keep(AppUserOption, application, user, {"key": 1}).get()
    text = _text(page, option)
    for address in (
        url(get_user_model(), "change", user.pk),
        url(get_application_model(), "change", application.pk),
        owner_url(application, user),
        application_url(application),
    ):
        assert f'href="{address}"' in text


def test_nobody_adds_an_option(page: Client, model: Any) -> None:
    assert page.get(url(model, "add")).status_code == 403
    assert page.post(url(model, "add"), {"key": "a", "value": "1"}).status_code == 403
    assert not model.objects.exists()


def test_nobody_changes_an_option(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", "old")
    address = url(type(option), "change", option.pk)
    assert b'<input type="submit"' not in page.get(address).content
    assert page.post(address, {"key": "key", "value": "new"}).status_code == 403
    option.refresh_from_db()
    assert option.value == "old"


def test_an_option_cannot_be_deleted_at_its_own_address(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("key", 1)
    address = url(type(option), "delete", option.pk)
    assert address not in _text(page, option)
    assert page.get(address).status_code == 403
    assert page.post(address, {"post": "yes"}).status_code == 403
    assert type(option).objects.exists()


def test_options_cannot_be_deleted_from_the_list(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", 1)
    address = url(type(option), "changelist")
    assert b"delete_selected" not in page.get(address).content
    choice = {"action": "delete_selected", "_selected_action": option.pk, "post": "yes"}
    page.post(address, choice)
    assert type(option).objects.exists()


def test_an_administrator_deletes_a_user_along_with_the_options(
    page: Client, user: Any, application: Any
) -> None:
    keep(AppUserOption, application, user, {"a": 1, "b": 2})
    response = page.post(url(get_user_model(), "delete", user.pk), {"post": "yes"})
    assert response.status_code == 302
    assert not get_user_model().objects.filter(pk=user.pk).exists()
    assert not AppUserOption.objects.exists()


def test_an_administrator_deletes_an_application_along_with_the_options(
    page: Client, user: Any, application: Any
) -> None:
    keep(AppUserOption, application, user, {"a": 1})
    keep(AppOption, application, user, {"b": 2})
    response = page.post(url(type(application), "delete", application.pk), {"post": "yes"})
    assert response.status_code == 302
    assert not type(application).objects.exists()
    assert not AppUserOption.objects.exists()
    assert not AppOption.objects.exists()


@pytest.mark.parametrize("view", ["changelist", "change"])
def test_staff_see_options_only_with_the_permission_to_view_them(
    page_of_staff: Callable[..., Client], store: Callable[..., Any], view: str
) -> None:
    option = store("key", 1)
    arguments = [option.pk] if view == "change" else []
    address = url(type(option), view, *arguments)
    staff = page_of_staff()
    assert staff.get(address).status_code == 403


def test_staff_with_the_permission_to_view_see_options(
    page_of_staff: Callable[..., Client], store: Callable[..., Any]
) -> None:
    option = store("key", 1)
    staff = page_of_staff(f"view_{option._meta.model_name}")
    for address in (url(type(option), "changelist"), url(type(option), "change", option.pk)):
        assert staff.get(address).status_code == 200
