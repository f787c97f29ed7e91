"""The page of one option, and who may do what with it while editing is off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from oauth2_provider.models import get_application_model

from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import Screen, application_url, owner_url, screen, url

if TYPE_CHECKING:
    from django.test import Client


def _seen(page: Client, option: Any) -> Screen:
    return screen(page, url(type(option), "change", option.pk))


def test_the_page_of_an_option_shows_its_whole_value_as_indented_json_and_what_is_invisible(
    page: Client, store: Any
) -> None:
    value = {"color": "żółty", "sizes": [1, 1e16], "hidden": "\u200b\U000e0041", "z": "v" * 60_000}
    option = store("k" * 254 + "\u202e", value)
    text = _seen(page, option).text
    assert option.digest in text
    assert '{\n  "color": "żółty",\n  "sizes": [\n    1,\n    1e+16\n  ],\n' in text
    for shown in ("k" * 254 + "\\u202e", "v" * 60_000, '"hidden": "\\u200b\\udb40\\udc41"'):
        assert shown in text


def test_the_page_of_an_option_links_to_its_owners(
    page: Client, kept: Any, application: Any, user: Any
) -> None:
    links = _seen(page, kept(AppUserOption, {"key": 1}).get()).links
    assert {
        url(get_user_model(), "change", user.pk),
        url(get_application_model(), "change", application.pk),
        owner_url(application, user),
        application_url(application),
    } <= set(links)


def test_nobody_adds_changes_or_deletes_an_option(page: Client, store: Any) -> None:
    option = store("key", "old")
    change, delete, listed = (
        url(type(option), "change", option.pk),
        url(type(option), "delete", option.pk),
        url(type(option), "changelist"),
    )
    seen = _seen(page, option)
    assert delete not in seen.links
    assert "_save" not in seen.fields
    assert "delete_selected" not in screen(page, listed).fields
    for address in (url(type(option), "add"), delete):
        assert page.get(address).status_code == 403
        fields = {"key": "a", "value": "1", "post": "yes"}
        assert page.post(address, fields).status_code == 403
    assert page.post(change, {"key": "key", "value": "new"}).status_code == 403
    selection = {"action": "delete_selected", "_selected_action": option.pk, "post": "yes"}
    page.post(listed, selection)
    assert [(kept.key, kept.value) for kept in type(option).objects.all()] == [("key", "old")]


@pytest.mark.parametrize("owner", ["user", "application"])
def test_an_administrator_deletes_an_owner_along_with_the_options(
    page: Client, kept: Any, user: Any, application: Any, owner: str
) -> None:
    kept(AppUserOption, {"a": 1, "b": 2})
    kept(AppOption, {"b": 2})
    gone = user if owner == "user" else application
    assert page.post(url(type(gone), "delete", gone.pk), {"post": "yes"}).status_code == 302
    assert not type(gone).objects.filter(pk=gone.pk).exists()
    assert not AppUserOption.objects.exists()
    assert AppOption.objects.exists() == (owner == "user")


def test_staff_see_options_only_with_the_permission_to_view_them(
    page_of_staff: Any, make_user: Any, store: Any
) -> None:
    option = store("key", 1)
    addresses = url(type(option), "changelist"), url(type(option), "change", option.pk)
    permitted = page_of_staff(f"view_{option._meta.model_name}")
    assert {permitted.get(address).status_code for address in addresses} == {200}
    others = page_of_staff()
    assert {others.get(address).status_code for address in addresses} == {403}
