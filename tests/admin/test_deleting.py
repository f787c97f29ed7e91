"""Deleting by permission, one option or a selection, through the one door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry

from django_user_options.admin import bounded_list
from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.admin.screens import Screen, keep, owner_url, screen, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")


def _selection(options: Any, **extra: Any) -> dict[str, Any]:
    chosen = [option.pk for option in options]
    return {"action": "delete_selected", "_selected_action": chosen, **extra}


def test_one_option_is_deleted_after_confirmation(page: Client, store: Callable[..., Any]) -> None:
    option, other = store("key", "secret"), store("other", 1)
    address = url(type(option), "delete", option.pk)
    text = screen(page, address).text
    assert "key" in text
    assert "secret" not in text
    assert page.post(address, {"post": "yes"}).status_code == 302
    assert list(type(option).objects.all()) == [other]


def test_a_selection_is_deleted_after_confirmation(
    page: Client, model: Any, make_application: Callable[..., Any], user: Any
) -> None:
    first, second = make_application(), make_application()
    for application in (first, second):
        keep(model, application, user, {"a": 1, "b": 2, "c": 3})
    chosen = model.objects.filter(key__in=["a", "b"])
    address = url(model, "changelist")
    shown = page.post(address, _selection(chosen)).content.decode()
    assert "Are you sure" in shown
    assert model.objects.count() == 6
    response = page.post(address, _selection(chosen, post="yes"), follow=True)
    assert "Successfully deleted 4" in response.content.decode()
    assert sorted(model.objects.values_list("key", flat=True)) == ["c", "c"]


def test_a_selection_may_be_larger_than_one_call_may_name(
    page: Client, model: Any, application: Any, user: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True, "MAX_KEYS_PER_CALL": 2}
    for number in range(5):
        keep(model, application, user, {f"key{number}": 1})
    page.post(url(model, "changelist"), _selection(model.objects.all(), post="yes"))
    assert not model.objects.exists()


def test_the_log_names_each_deleted_key_and_whose_it_was(
    page: Client, application: Any, user: Any, administrator: Any
) -> None:
    keep(AppUserOption, application, user, {"a": "secret", "b": "secret", "c": "secret"})
    chosen = AppUserOption.objects.exclude(key="c")
    page.post(url(AppUserOption, "changelist"), _selection(chosen, post="yes"))
    last = AppUserOption.objects.get()
    page.post(url(AppUserOption, "delete", last.pk), {"post": "yes"})
    entries = LogEntry.objects.order_by("pk")
    assert [entry.object_repr for entry in entries] == ["a", "b", "c"]
    for entry in entries:
        assert (entry.action_flag, entry.user) == (DELETION, administrator)
        assert entry.get_change_message() == f"application: {application}, user: {user}"


def test_a_name_that_looks_like_the_json_of_the_log_is_only_a_name(
    page: Client, make_application: Callable[..., Any]
) -> None:
    application = make_application(name="[1]")
    option = keep(AppOption, application, None, {"a": 1}).get()
    page.post(url(AppOption, "delete", option.pk), {"post": "yes"})
    assert LogEntry.objects.get().get_change_message() == "application: [1]"


def test_a_key_that_the_rules_do_not_allow_is_refused_with_a_message(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("key", 1)
    # Only SQL of the project's own could store it.
    type(option).objects.update(key="a\nkey")
    response = page.post(url(type(option), "delete", option.pk), {"post": "yes"}, follow=True)
    assert "a key must be a string without control characters" in response.content.decode()
    response = page.post(
        url(type(option), "changelist"), _selection([option], post="yes"), follow=True
    )
    assert "a key must be a string without control characters" in response.content.decode()
    assert type(option).objects.get() == option
    assert not LogEntry.objects.exists()


def test_rest_no_longer_returns_what_the_admin_deleted(
    page: Client, call: Callable[..., Any], token: str
) -> None:
    call("user.option.set", {"options": {"a": 1, "b": 2}}, token=token)
    option = AppUserOption.objects.get(key="a")
    page.post(url(AppUserOption, "delete", option.pk), {"post": "yes"})
    assert call("user.option.get", token=token).json()["result"] == {"b": 2}


def test_the_owner_page_links_to_deleting_each_option(
    page: Client, page_of_staff: Callable[..., Client], application: Any, user: Any
) -> None:
    option = keep(AppUserOption, application, user, {"a": 1}).get()
    link, address = url(AppUserOption, "delete", option.pk), owner_url(application, user)
    assert screen(page, address).links[link] == "Delete"
    staff = page_of_staff("view_appuseroption", "change_appuseroption")
    assert link not in screen(staff, address).links


def test_staff_delete_only_with_djangos_permission_to(
    page_of_staff: Callable[..., Client], store: Callable[..., Any]
) -> None:
    option = store("key", 1)
    name = option._meta.model_name
    staff = page_of_staff(f"view_{name}", f"change_{name}")
    assert staff.post(url(type(option), "delete", option.pk), {"post": "yes"}).status_code == 403
    staff.post(url(type(option), "changelist"), _selection([option], post="yes"))
    assert type(option).objects.exists()


def test_an_action_cannot_reach_beyond_what_is_counted(
    page: Client, model: Any, application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(model, application, user, {f"key{number:02}": 1 for number in range(70)})
    across = _selection(model.objects.all()[:1], select_across="1", index="0")
    address = url(model, "changelist")
    shown = page.get(address).content.decode()
    assert "Select all 70" in shown
    assert "Are you sure" in page.post(address, across).content.decode()
    monkeypatch.setattr(bounded_list, "COUNT_BOUND", 60)
    assert "Select all 6" not in page.get(address).content.decode()
    response = page.post(address, across, follow=True)
    assert "More than 60 options were found" in response.content.decode()
    assert model.objects.count() == 70


def test_what_can_be_selected_can_be_confirmed(
    page: Client, application: Any, user: Any, settings: Any
) -> None:
    # Django takes this many fields in a form; its page of confirmation has one for each row.
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    address = url(AppUserOption, "changelist")
    across = _selection([], select_across="1", _selected_action="1")
    keep(AppUserOption, application, user, {f"key{number}": 1 for number in range(11)})
    response = page.post(address, across, follow=True)
    assert "At most 10 options can be confirmed at once" in response.content.decode()
    AppUserOption.objects.first().delete()
    fields = re.findall(r'name="_selected_action" value="(\d+)"', page.post(address, across).text)
    assert len(fields) == 10
    page.post(address, {**across, "select_across": "0", "_selected_action": fields, "post": "yes"})
    assert not AppUserOption.objects.exists()


@pytest.mark.parametrize("action", ["delete_selected", "export_as_json", "revoke"])
@pytest.mark.parametrize("selected", ["x", "1.5", "\0", "9" * 25], ids=ascii)
def test_an_action_on_what_is_not_a_row_is_refused(
    page: Client, application: Any, user: Any, action: str, selected: str
) -> None:
    option = keep(AppUserOption, application, user, {"key": 1}).get()
    listed = InboundWebhook if action == "revoke" else AppUserOption
    selection = {"action": action, "_selected_action": [option.pk, selected], "post": "yes"}
    response = page.post(url(listed, "changelist"), selection, follow=True)
    assert "A selected row is invalid; select again." in Screen(response).text
    assert AppUserOption.objects.get() == option
