"""Editing by permission: the editor's text, and the rules that hold for every writer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import connections

from django_user_options.admin.option_texts import OptionValueField
from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import Screen, errors, fields_of, keep, screen, url
from tests.races import deleted_before_insert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("editable")

EXACT = [
    "null",
    '""',
    "{}",
    "0",
    "-0.0",
    "1e16",
    "123456789012345678901234567890",
    "true",
    '" spaces "',
    '"\\ud83c\\udfa8 \\u2028 </textarea>\\r\\n"',
    '{"b": [1, 1.0], "a": null}',
]
UNSTORABLE = "a key twice in one object, a number that cannot be stored exactly"
REFUSED = {
    "": "Enter a JSON value",
    "  ": "Enter a JSON value",
    "{": "This is not valid JSON (line 1, column 2).",
    '{\n  "a": x\n}': "This is not valid JSON (line 2, column 8).",
    "1e999": UNSTORABLE,
    "9" * 5000: UNSTORABLE,
    "[" * 100_000: UNSTORABLE,
    "[" * 40 + "]" * 40: "may be nested at most 32 deep",
    '{"a": 1, "\\u0061": 2}': UNSTORABLE,
    '"\\ud800"': "without lone surrogates",
    '"\\u0000"': "Null characters are not allowed.",
    f'"{"x" * 70_000}"': "may have at most 65536 bytes as JSON",
}
GONE = "application or the user no longer exists"
NO_WORDS = re.compile('JSON|NUL|options|option|key|""')


class OptionsFromReplica:
    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        return "replica" if model is AppUserOption else "default"

    def db_for_write(self, model: type[Any], **hints: Any) -> str:
        return "default"

    def allow_relation(self, *args: Any, **hints: Any) -> bool:
        return True


@pytest.fixture
def replica(db: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    """A replica that lags, and the router that lets options be read from it."""
    file = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "replica.sqlite3"}
    given = {"default": settings.DATABASES["default"], "replica": file}
    connections.databases["replica"] = connections.configure_settings(given)["replica"]
    # Django keeps tests from opening databases that they did not announce.
    connections["replica"].connect()
    with connections["replica"].schema_editor() as editor:
        editor.create_model(AppUserOption)
    settings.DATABASE_ROUTERS = [OptionsFromReplica()]
    yield
    connections["replica"].close()
    del connections["replica"], connections.databases["replica"]


@pytest.mark.database
@pytest.mark.parametrize("text", EXACT)
def test_a_value_is_stored_as_typed_and_survives_saving_again(
    page: Any, add: Any, change: Any, text: str
) -> None:
    exact = json.dumps(json.loads(text))
    assert add("key", text).status_code == 302
    option = AppUserOption.objects.get()
    assert json.dumps(option.value) == exact
    response = page.get(url(AppUserOption, "change", option.pk))
    shown = response.context["adminform"].form["value"].value()
    assert shown in Screen(response).text
    assert change(option, shown.replace("\n", "\r\n")).status_code == 302
    after = AppUserOption.objects.get()
    assert (json.dumps(after.value), after.updated_at) == (exact, option.updated_at)


@pytest.mark.parametrize(
    ("before", "after"), [(1, "true"), (0, "-0.0"), ([1], "[1.0]"), ("a", "1")]
)
def test_a_change_of_the_type_alone_is_saved(
    kept: Any, change: Any, before: Any, after: str
) -> None:
    option = kept(AppUserOption, {"a": before}).get()
    change(option, after)
    changed = AppUserOption.objects.get()
    assert json.dumps(changed.value) == after
    assert (changed.pk, changed.created_at) == (option.pk, option.created_at)


def test_invalid_json_counts_as_a_change() -> None:
    assert OptionValueField().has_changed(1, "{")
    assert not OptionValueField().has_changed(1, " 1 ")


@pytest.mark.parametrize(
    ("text", "error"), REFUSED.items(), ids=[f"{len(text)} {text[:12]!a}" for text in REFUSED]
)
def test_an_invalid_value_is_a_field_error(kept: Any, change: Any, text: str, error: str) -> None:
    option = kept(AppUserOption, {"key": "before"}).get()
    response = change(option, text)
    (refusal,) = errors(response)["value"]
    assert error in refusal
    assert response.context["adminform"].form["value"].value() == text
    assert AppUserOption.objects.get().value == "before"


@pytest.mark.parametrize("value", ["", "{", "1e999", "[" * 40 + "]" * 40, '"\\ud800"'])
def test_a_refused_value_is_explained_in_russian(add: Any, settings: Any, value: str) -> None:
    settings.LANGUAGE_CODE = "ru"
    (refusal,) = errors(add("key", value))["value"]
    assert len(refusal) > 20
    assert not re.search("[A-Za-z]", NO_WORDS.sub("", refusal))


@pytest.mark.parametrize("key", ["", "a\nb", "a\u0085", "k" * 256], ids=ascii)
def test_an_invalid_key_is_a_field_error(add: Any, key: str) -> None:
    assert list(errors(add(key, "1"))) == ["key"]
    assert not AppUserOption.objects.exists()


def test_a_key_keeps_its_spaces_and_is_not_replaced_by_another_addition(
    add: Any, model: Any
) -> None:
    assert add(" theme ", "1", model).status_code == 302
    assert "already exists" in str(errors(add(" theme ", "2", model)))
    assert [(option.key, option.value) for option in model.objects.all()] == [(" theme ", 1)]


def test_exceeded_limits_are_form_errors(
    add: Any, change: Any, kept: Any, model: Any, settings: Any
) -> None:
    limits = {"MAX_KEYS_PER_OWNER": 1, "MAX_BYTES_PER_OWNER": 10}
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True, **limits}
    option = kept(model, {"key": "before"}).get()
    assert "at most 1 keys may be kept" in errors(add("other", "1", model))["value"][0]
    assert "at most 10 bytes" in errors(change(option, '"much too long"'))["value"][0]
    # Above a lowered limit, what raises no total may still be written.
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True, "MAX_BYTES_PER_OWNER": 2}
    assert change(option, '"befor"').status_code == 302
    assert model.objects.get().value == "befor"


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic_requests", [False, True], ids=["", "ATOMIC_REQUESTS"])
def test_an_owner_deleted_after_validation_is_a_message(
    page: Any, model: Any, application: Any, make_user: Any, atomic_requests: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic_requests)
    gone = make_user("gone") if model is AppUserOption else application
    fields = fields_of(model, application, gone, "theme", "1")
    with deleted_before_insert(gone, model):
        response = page.post(url(model, "add"), fields, follow=True)
    assert response.redirect_chain == [(url(model, "add"), 302)]
    assert GONE in response.text
    assert not model.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_replica_need_not_know_the_new_option_yet(add: Any, replica: None) -> None:
    assert add("key", "1").status_code == 302
    assert AppUserOption.objects.using("default").get().value == 1


@pytest.mark.parametrize("owner", ["0", "x", "1.5", "\0", " ", "9" * 25], ids=ascii)
def test_an_unknown_owner_is_a_form_error(page: Any, owner: str) -> None:
    fields, address = {"application": owner, "user": owner}, url(AppUserOption, "add")
    assert page.get(address, fields).status_code == 200
    wrong = errors(page.post(address, {**fields, "key": "a", "value": "1"}))
    assert {*wrong} == {"application", "user"}


def test_the_form_keeps_the_owner_that_was_chosen(
    page: Any, model: Any, application: Any, user: Any
) -> None:
    fields = fields_of(model, application, user, "key", "not JSON")
    for answer in (page.get(url(model, "add"), fields), page.post(url(model, "add"), fields)):
        assert "selected" in Screen(answer).fields[str(application.pk)]


def test_the_form_hides_owners_that_staff_may_not_see(
    page_of_staff: Any, application: Any, make_user: Any
) -> None:
    zoe = make_user("zoe")
    staff = page_of_staff("add_appuseroption", "view_appuseroption")
    seen = screen(staff, url(AppUserOption, "add"), application=application.pk, user=zoe.pk)
    assert "zoe" not in seen.text
    assert "Notes" not in seen.text
    fields = fields_of(AppUserOption, application, zoe, "key", "1")
    assert {"application", "user"} <= set(errors(staff.post(url(AppUserOption, "add"), fields)))
    # Options that are shown to them name their owner already.
    keep(AppUserOption, application, zoe, {"other": 1})
    assert staff.post(url(AppUserOption, "add"), fields).status_code == 302
    assert AppUserOption.objects.get(key="key").user == zoe


def test_staff_who_may_not_see_owners_cannot_probe_ids(
    page_of_staff: Any, application: Any, user: Any
) -> None:
    """Neither by a form, a filter nor the address of a page."""
    names = ("appuseroption", "appoption")
    staff = page_of_staff(*(f"{action}_{name}" for action in ("add", "view") for name in names))

    def answers(application_id: Any, user_id: Any) -> list[Any]:
        ids = {"application": application_id, "user": user_id}
        page = url(AppUserOption, "changelist")
        addresses = [f"{page}?{name}={pk}" for name, pk in ids.items()]
        addresses += [f"{page}application/{application_id}/"]
        addresses += [f"{page}owner/{application_id}/{user_id}/"]
        found: list[Any] = [staff.get(address).status_code for address in addresses]
        for model in (AppOption, AppUserOption):
            form = {**ids, "key": "a", "value": "not JSON"}
            wrong = errors(staff.post(url(model, "add"), form))
            found.append({name: list(map(str, texts)) for name, texts in wrong.items()})
        return found

    assert answers(application.pk, user.pk) == answers(0, 0)


def test_neither_key_nor_owner_of_an_option_can_be_changed(
    page: Any, kept: Any, user: Any, make_user: Any
) -> None:
    option = kept(AppUserOption, {"key": 1}).get()
    fields = {"key": "other", "user": make_user().pk, "value": "2"}
    page.post(url(AppUserOption, "change", option.pk), fields)
    option.refresh_from_db()
    assert (option.key, option.user, option.value) == ("key", user, 2)


def test_the_log_names_keys_and_never_values(
    page: Any, add: Any, change: Any, administrator: Any
) -> None:
    add("theme", '"first secret"')
    option = AppUserOption.objects.get()
    change(option, '"second secret"')
    added, changed = LogEntry.objects.order_by("pk")
    assert [added.action_flag, changed.action_flag] == [ADDITION, CHANGE]
    for entry in (added, changed):
        assert (entry.object_repr, entry.user) == ("theme (Notes, ann)", administrator)
        assert "secret" not in f"{entry.change_message}{entry.get_change_message()}{entry}"
    assert changed.get_change_message() == "Changed Value."
    assert "secret" not in screen(page, url(AppUserOption, "history", option.pk)).text


@pytest.mark.parametrize("button", ["_continue", "_addanother", "_save"])
def test_every_button_to_save_saves(page: Any, application: Any, user: Any, button: str) -> None:
    fields = fields_of(AppUserOption, application, user, "key", "1")
    response = page.post(url(AppUserOption, "add"), {**fields, button: "1"}, follow=True)
    assert "was added successfully" in Screen(response).text
    assert AppUserOption.objects.get().value == 1


def test_an_empty_form_shows_no_value_and_needs_one(page: Any, kept: Any) -> None:
    response = page.get(url(AppUserOption, "add"))
    assert response.context["adminform"].form["value"].value() == ""
    assert "JSON, for example" in Screen(response).text
    option = kept(AppUserOption, {"key": 1}).get()
    response = page.post(url(AppUserOption, "change", option.pk), {})
    assert "Enter a JSON value" in errors(response)["value"][0]


def test_editing_needs_djangos_permission(
    page_of_staff: Any, kept: Any, application: Any, user: Any
) -> None:
    option = kept(AppUserOption, {"key": "old"}).get()
    staff, address = page_of_staff("view_appuseroption"), url(AppUserOption, "change", option.pk)
    assert "/textarea" not in screen(staff, address).elements
    assert staff.post(address, {"value": '"new"'}).status_code == 403
    fields = fields_of(AppUserOption, application, user, "other", "1")
    assert staff.post(url(AppUserOption, "add"), fields).status_code == 403
    staff = page_of_staff("view_appuseroption", "change_appuseroption")
    assert staff.post(address, {"value": '"new"'}).status_code == 302
    assert AppUserOption.objects.get().value == "new"
    assert staff.get(url(AppUserOption, "delete", option.pk)).status_code == 403
