"""Deleting by permission, one option or a selection, through the one door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry

from django_user_options.admin import bounded_list
from django_user_options.models import AppUserOption, InboundWebhook
from tests.admin.screens import Screen, keep, owner_url, screen, statements, url

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")


def _selection(options: Any, **extra: Any) -> dict[str, Any]:
    chosen = [option.pk for option in options]
    return {"action": "delete_selected", "_selected_action": chosen, **extra}


def test_one_option_is_deleted_after_confirmation(page: Client, store: Any) -> None:
    option, other = store("key", "secret"), store("other", 1)
    address = url(type(option), "delete", option.pk)
    text = screen(page, address).text
    assert "key" in text
    assert "secret" not in text
    assert page.post(address, {"post": "yes"}).status_code == 302
    assert list(type(option).objects.all()) == [other]


def test_a_selection_is_deleted_after_confirmation(
    page: Client, model: Any, make_application: Any, user: Any, settings: Any
) -> None:
    # A selection may be larger than one call may name.
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True, "MAX_KEYS_PER_CALL": 3}
    for application in (make_application(), make_application()):
        keep(model, application, user, {"a": 1, "b": 2, "c": 3})
        keep(model, application, user, {"d": 1, "e": 2})
    chosen = model.objects.exclude(key="c")
    address = url(model, "changelist")
    assert "Are you sure" in page.post(address, _selection(chosen)).text
    assert model.objects.count() == 10
    response = page.post(address, _selection(chosen, post="yes"), follow=True)
    assert "Successfully deleted 8" in response.text
    assert sorted(model.objects.values_list("key", flat=True)) == ["c", "c"]


def test_the_log_names_each_deleted_key_and_whose_it_was(
    page: Client, kept: Any, application: Any, user: Any, administrator: Any
) -> None:
    kept(AppUserOption, {"a": "secret", "b": "secret", "c": "secret"})
    chosen = AppUserOption.objects.exclude(key="c")
    page.post(url(AppUserOption, "changelist"), _selection(chosen, post="yes"))
    last = AppUserOption.objects.get()
    page.post(url(AppUserOption, "delete", last.pk), {"post": "yes"})
    entries = LogEntry.objects.order_by("pk")
    assert sorted(entry.object_repr for entry in entries) == [
        f"{key} ({application}, {user})" for key in "abc"
    ]
    for entry in entries:
        assert (entry.action_flag, entry.user) == (DELETION, administrator)


@pytest.mark.parametrize("deleted", ["user", "application", "option", "options"])
def test_a_confirmation_says_whose_each_option_is(
    page: Client, kept: Any, application: Any, user: Any, deleted: str
) -> None:
    options = kept(AppUserOption, dict.fromkeys("abc", 1))
    if deleted == "options":
        response = page.post(url(AppUserOption, "changelist"), _selection(options.all()))
    else:
        doomed = {"user": user, "application": application, "option": options.first()}[deleted]
        response = page.get(url(type(doomed), "delete", doomed.pk))
    assert "a (Notes, ann)" in Screen(response).text


@pytest.mark.parametrize("role", ["user", "application"])
def test_a_confirmation_takes_as_many_statements_for_many_options_as_for_one(
    page: Client, kept: Any, application: Any, user: Any, role: str
) -> None:
    doomed = {"user": user, "application": application}[role]
    address = url(type(doomed), "delete", doomed.pk)
    kept(AppUserOption, {"a": 1})
    few = statements(page, address)
    kept(AppUserOption, {f"key{number}": 1 for number in range(20)})
    assert len(statements(page, address)) == len(few)


def test_a_key_that_the_rules_do_not_allow_is_refused_with_a_message(
    page: Client, store: Any
) -> None:
    option = store("key", 1)
    # Only SQL of the project's own could store it.
    type(option).objects.update(key="a\nkey")
    selection = _selection([option], post="yes")
    for address in (url(type(option), "delete", option.pk), url(type(option), "changelist")):
        response = page.post(address, selection, follow=True)
        assert "a key must be a string without control characters" in response.text
    assert type(option).objects.get() == option
    assert not LogEntry.objects.exists()


def test_the_owner_page_links_to_deleting_each_option(
    page: Client, kept: Any, page_of_staff: Any, application: Any, user: Any
) -> None:
    option = kept(AppUserOption, {"a": 1}).get()
    link, address = url(AppUserOption, "delete", option.pk), owner_url(application, user)
    assert screen(page, address).links[link] == "Delete"
    staff = page_of_staff("view_appuseroption", "change_appuseroption")
    assert link not in screen(staff, address).links


def test_staff_delete_only_with_djangos_permission_to(page_of_staff: Any, store: Any) -> None:
    option = store("key", 1)
    name = option._meta.model_name
    staff = page_of_staff(f"view_{name}", f"change_{name}")
    assert staff.post(url(type(option), "delete", option.pk), {"post": "yes"}).status_code == 403
    staff.post(url(type(option), "changelist"), _selection([option], post="yes"))
    assert type(option).objects.exists()


def test_an_action_cannot_reach_beyond_what_is_counted(
    page: Client, kept: Any, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(model, {f"key{number:02}": 1 for number in range(70)})
    across = _selection(model.objects.all()[:1], select_across="1", index="0")
    address = url(model, "changelist")
    shown = page.get(address).text
    assert "Select all 70" in shown
    assert "Are you sure" in page.post(address, across).text
    monkeypatch.setattr(bounded_list, "COUNT_BOUND", 60)
    assert "Select all 6" not in page.get(address).text
    response = page.post(address, across, follow=True)
    assert "More than 60 options were found" in response.text
    assert model.objects.count() == 70


def test_what_can_be_selected_can_be_confirmed(page: Client, kept: Any, settings: Any) -> None:
    # Django takes this many fields in a form; its page of confirmation has one for each row.
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    address = url(AppUserOption, "changelist")
    across = _selection([], select_across="1", _selected_action="1")
    kept(AppUserOption, {f"key{number}": 1 for number in range(11)})
    response = page.post(address, across, follow=True)
    assert "At most 10 options can be confirmed at once" in response.text
    AppUserOption.objects.first().delete()
    fields = re.findall(r'name="_selected_action" value="(\d+)"', page.post(address, across).text)
    assert len(fields) == 10
    page.post(address, {**across, "select_across": "0", "_selected_action": fields, "post": "yes"})
    assert not AppUserOption.objects.exists()


@pytest.mark.parametrize("action", ["delete_selected", "export_as_json", "revoke"])
@pytest.mark.parametrize("selected", ["x", "1.5", "\0", "9" * 25], ids=ascii)
def test_an_action_on_what_is_not_a_row_is_refused(
    page: Client, kept: Any, action: str, selected: str
) -> None:
    option = kept(AppUserOption, {"key": 1}).get()
    listed = InboundWebhook if action == "revoke" else AppUserOption
    selection = {"action": action, "_selected_action": [option.pk, selected], "post": "yes"}
    response = page.post(url(listed, "changelist"), selection, follow=True)
    assert "A selected row is invalid; select again." in Screen(response).text
    assert AppUserOption.objects.get() == option
