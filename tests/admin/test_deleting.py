"""Deleting one option or a selection: permissions, confirmations, signals and the log."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry

from django_user_options.admin import bounded_list
from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.signals import options_changed, options_deleted
from tests.admin.screens import Screen, keep, owner_url, screen, url
from tests.receivers import connected

pytestmark = pytest.mark.usefixtures("editable")
LIST = url(AppUserOption, "changelist")


def _selection(options: Any, **extra: Any) -> dict[str, Any]:
    chosen = [option.pk for option in options]
    return {"action": "delete_selected", "_selected_action": chosen, **extra}


def test_one_option_is_deleted_after_confirmation(page: Any, kept: Any, model: Any) -> None:
    option = kept(model, {"key": "secret", "other": 1}).get(key="key")
    address = url(model, "delete", option.pk)
    text = screen(page, address).text
    assert "key" in text
    assert "secret" not in text
    assert page.post(address, {"post": "yes"}).status_code == 302
    assert model.objects.get().key == "other"


def test_a_selection_is_deleted_after_confirmation(
    page: Any, model: Any, make_application: Any, user: Any, settings: Any
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


def test_receivers_learn_who_changed_and_deleted_an_option(
    page: Any, kept: Any, model: Any, administrator: Any, django_capture_on_commit_callbacks: Any
) -> None:
    heard = []

    def hear(cause: Any, **_: Any) -> None:
        heard.append(cause)

    option = kept(model, {"a": 1}).get()
    with (
        connected(hear, options_changed, options_deleted),
        django_capture_on_commit_callbacks(execute=True),
    ):
        page.post(url(model, "change", option.pk), {"value": "2"})
        page.post(url(model, "delete", option.pk), {"post": "yes"})
    assert heard == [administrator, administrator]


def test_the_log_names_each_deleted_key_and_whose_it_was(
    page: Any, kept: Any, application: Any, user: Any, administrator: Any
) -> None:
    kept(AppUserOption, {"a": "secret", "b": "secret", "c": "secret"})
    chosen = AppUserOption.objects.exclude(key="c")
    page.post(LIST, _selection(chosen, post="yes"))
    last = AppUserOption.objects.get()
    page.post(url(AppUserOption, "delete", last.pk), {"post": "yes"})
    entries = LogEntry.objects.all()
    assert sorted(entry.object_repr for entry in entries) == [
        f"{key} ({application}, {user})" for key in "abc"
    ]
    assert {(entry.action_flag, entry.user) for entry in entries} == {(DELETION, administrator)}


def test_a_confirmation_names_the_owner_of_each_option(
    page: Any, kept: Any, application: Any, user: Any
) -> None:
    option = kept(AppUserOption, {"a": 1}).get()
    answers = [page.get(url(type(it), "delete", it.pk)) for it in (user, application, option)]
    for answer in (*answers, page.post(LIST, _selection([option]))):
        assert "a (Notes, ann)" in Screen(answer).text


@pytest.mark.parametrize("way", ["single", "selection"])
def test_deleting_an_invalid_key_is_refused_with_a_message(page: Any, kept: Any, way: str) -> None:
    option = kept(AppUserOption, {"key": 1}).get()
    # Only SQL of the project's own could store it.
    AppUserOption.objects.update(key="a\nkey")
    address = url(AppUserOption, "delete", option.pk) if way == "single" else LIST
    response = page.post(address, _selection([option], post="yes"), follow=True)
    assert "a key must be a string without control characters" in response.text
    assert AppUserOption.objects.exists()
    assert not LogEntry.objects.exists()


def test_the_owner_page_links_to_deleting_each_option(
    page: Any, kept: Any, page_of_staff: Any, application: Any, user: Any
) -> None:
    option = kept(AppUserOption, {"a": 1}).get()
    link, address = url(AppUserOption, "delete", option.pk), owner_url(application, user)
    assert screen(page, address).links[link] == "Delete"
    staff = page_of_staff("view_appuseroption", "change_appuseroption")
    assert link not in screen(staff, address).links
    # Nor may they delete it in another way.
    assert staff.post(link, {"post": "yes"}).status_code == 403
    staff.post(LIST, _selection([option], post="yes"))
    assert AppUserOption.objects.exists()


def test_an_action_cannot_select_uncounted_rows(
    page: Any, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = kept(AppUserOption, {f"key{number:02}": 1 for number in range(70)})
    across = _selection(options[:1], select_across="1", index="0")
    assert "Select all 70" in page.get(LIST).text
    assert "Are you sure" in page.post(LIST, across).text
    monkeypatch.setattr(bounded_list, "COUNT_BOUND", 60)
    assert "Select all 6" not in page.get(LIST).text
    response = page.post(LIST, across, follow=True)
    assert "More than 60 rows were found" in response.text
    assert options.count() == 70


def test_what_can_be_selected_can_be_confirmed(page: Any, kept: Any, settings: Any) -> None:
    # Django takes this many fields in a form; its page of confirmation has one for each row.
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    across = _selection([], select_across="1", _selected_action="1")
    kept(AppUserOption, {f"key{number}": 1 for number in range(11)})
    response = page.post(LIST, across, follow=True)
    assert "At most 10 rows can be confirmed at once" in response.text
    AppUserOption.objects.first().delete()
    fields = re.findall(r'name="_selected_action" value="(\d+)"', page.post(LIST, across).text)
    assert len(fields) == 10
    page.post(LIST, {**across, "select_across": "0", "_selected_action": fields, "post": "yes"})
    assert not AppUserOption.objects.exists()


@pytest.mark.parametrize("action", ["delete_selected", "export_as_json", "revoke"])
@pytest.mark.parametrize("selected", ["x", "9" * 25])
def test_an_action_on_an_invalid_row_is_refused(
    page: Any, kept: Any, action: str, selected: str
) -> None:
    option = kept(AppUserOption, {"key": 1}).get()
    address = url(InboundWebhook, "changelist") if action == "revoke" else LIST
    selection = {"action": action, "_selected_action": [option.pk, selected], "post": "yes"}
    response = page.post(address, selection, follow=True)
    assert "A selected row is invalid; select again." in Screen(response).text
    assert AppUserOption.objects.get() == option
