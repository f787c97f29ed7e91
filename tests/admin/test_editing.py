"""Editing by permission: the editor's text, the rules of the one door, and the admin's log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import connections
from django.utils.html import escape

from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import fields_of, keep, url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")

EXACT = [
    "null",
    '""',
    "{}",
    "[]",
    "0",
    "-0.0",
    "1e16",
    "10000000000000000",
    "123456789012345678901234567890",
    "0.1",
    "1e-7",
    "5e-324",
    "true",
    '"1"',
    '" spaces "',
    '"\\ud83c\\udfa8 \\u2028 </textarea>\\r\\n"',
    '{"b": [1, 1.0], "a": null}',
]
REFUSED = {
    "": "Type a JSON value",
    "  ": "Type a JSON value",
    "{": "This is no JSON: Expecting property name enclosed in double quotes (line 1, column 2).",
    '{\n  "a": x\n}': "This is no JSON: Expecting value (line 2, column 8).",
    "'a'": "This is no JSON",
    "1 2": "This is no JSON: Extra data (line 1, column 3).",
    "NaN": "finite numbers",
    "1e999": "The number 1e999 cannot be kept as it stands.",
    "1e-99999999999999999999": "This JSON has a number that is too large",
    "9" * 5000: "This JSON has a number that is too large",
    "[" * 100_000: "nested too deeply",
    "[" * 40 + "]" * 40: "may be nested at most 32 deep",
    "0.10000000000000000555": "The number 0.10000000000000000555 cannot be kept as it stands.",
    '{"a": 1, "\\u0061": 2}': 'The key "a" stands twice in one object.',
    '"\\ud800"': "without lone surrogates",
    '"\\u0000"': "Null characters are not allowed.",
    f'"{"x" * 70_000}"': "may have at most 65536 bytes as JSON",
}


@pytest.fixture
def change(page: Client) -> Callable[..., Any]:
    def change(option: Any, value: str) -> Any:
        return page.post(url(type(option), "change", option.pk), {"value": value})

    return change


@pytest.mark.parametrize("text", EXACT)
def test_an_added_value_is_the_one_that_was_typed(
    add: Callable[..., Any], model: Any, text: str
) -> None:
    assert add("key", text).status_code == 302
    option = model.objects.get()
    assert json.dumps(option.value) == json.dumps(json.loads(text))
    assert option.size == len(
        json.dumps(option.value, ensure_ascii=False, separators=(",", ":")).encode()
    )


@pytest.mark.parametrize("text", EXACT)
def test_a_changed_value_is_the_one_that_was_typed(
    change: Callable[..., Any], store: Callable[..., Any], text: str
) -> None:
    option = store("key", "before")
    assert change(option, text).status_code == 302
    created_at, pk = option.created_at, option.pk
    option = type(option).objects.get()
    assert json.dumps(option.value) == json.dumps(json.loads(text))
    assert (option.created_at, option.pk) == (created_at, pk)


@pytest.mark.parametrize("text", EXACT)
def test_saving_what_the_editor_shows_changes_nothing(
    page: Client, change: Callable[..., Any], store: Callable[..., Any], text: str
) -> None:
    option = store("key", json.loads(text))
    response = page.get(url(type(option), "change", option.pk))
    shown = response.context["adminform"].form["value"].value()
    assert f">\n{escape(shown)}</textarea>" in response.content.decode()
    assert change(option, shown.replace("\n", "\r\n")).status_code == 302
    after = type(option).objects.get()
    assert json.dumps(after.value) == json.dumps(option.value)
    assert after.updated_at == option.updated_at


@pytest.mark.parametrize(("text", "error"), REFUSED.items(), ids=lambda text: text[:12])
def test_what_may_not_be_stored_is_an_error_at_the_field(
    change: Callable[..., Any], store: Callable[..., Any], text: str, error: str
) -> None:
    option = store("key", "before")
    response = change(option, text)
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert list(errors) == ["value"]
    assert error in errors["value"][0]
    assert response.context["adminform"].form["value"].value() == text
    option.refresh_from_db()
    assert option.value == "before"


@pytest.mark.parametrize("key", ["", "a\nb", "a\u0085", "k" * 256])
def test_what_may_not_be_a_key_is_an_error_at_the_field(
    add: Callable[..., Any], model: Any, key: str
) -> None:
    response = add(key, "1")
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["key"]
    assert not model.objects.exists()


def test_a_key_keeps_its_spaces(add: Callable[..., Any], model: Any) -> None:
    assert add(" theme ", "1").status_code == 302
    assert model.objects.get().key == " theme "


def test_adding_a_key_that_there_is_does_not_replace_it(
    add: Callable[..., Any], store: Callable[..., Any]
) -> None:
    option = store("key", "before")
    response = add("key", '"after"')
    assert response.status_code == 200
    assert "already exists" in response.content.decode()
    option.refresh_from_db()
    assert option.value == "before"


def test_the_limits_of_an_owner_are_errors_of_the_form(
    add: Callable[..., Any],
    change: Callable[..., Any],
    store: Callable[..., Any],
    model: Any,
    settings: Any,
) -> None:
    settings.USER_OPTIONS = {
        "ADMIN_EDITABLE": True,
        "MAX_KEYS_PER_OWNER": 1,
        "MAX_BYTES_PER_OWNER": 10,
    }
    option = store("key", "before")
    response = add("other", "1")
    assert "at most 1 keys may be kept" in response.content.decode()
    response = change(option, '"much too long"')
    assert "at most 10 bytes of values may be kept" in response.content.decode()
    option.refresh_from_db()
    assert option.value == "before"
    assert model.objects.count() == 1


class OptionsFromReplica:
    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        return "replica" if model in (AppUserOption, AppOption) else "default"

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
    # By hand, as Django keeps tests from opening what they did not announce.
    connections["replica"].connect()
    with connections["replica"].schema_editor() as editor:
        for model in (AppUserOption, AppOption):
            editor.create_model(model)
    settings.DATABASE_ROUTERS = [OptionsFromReplica()]
    yield
    connections["replica"].close()
    del connections["replica"], connections.databases["replica"]


def test_a_replica_need_not_know_the_new_option_yet(
    add: Callable[..., Any], model: Any, replica: None
) -> None:
    assert add("key", "1").status_code == 302
    assert model.objects.using("default").get().value == 1


def test_a_new_option_may_not_go_to_nobody(page: Client, model: Any, application: Any) -> None:
    response = page.post(url(model, "add"), {"application": 0, "user": 0, "key": "a", "value": "1"})
    assert response.status_code == 200
    assert "application" in response.context["adminform"].form.errors


@pytest.mark.parametrize("owner", ["x", "1.5", "\0", " ", "9" * 25])
def test_an_owner_that_is_no_primary_key_is_an_error_of_the_form(
    page: Client, model: Any, owner: str
) -> None:
    fields = {"application": owner, "user": owner, "key": "a", "value": "1"}
    assert page.get(url(model, "add"), fields).status_code == 200
    response = page.post(url(model, "add"), fields)
    assert response.status_code == 200
    assert "application" in response.context["adminform"].form.errors


def test_the_form_keeps_the_owner_that_was_chosen(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    fields = fields_of(model, application, user, "key", "no JSON")
    for answer in (page.get(url(model, "add"), fields), page.post(url(model, "add"), fields)):
        shown = answer.content.decode()
        assert f'<option value="{application.pk}" selected>{application}</option>' in shown


def test_neither_key_nor_owner_of_an_option_can_be_changed(
    page: Client, application: Any, user: Any, make_user: Callable[..., Any]
) -> None:
    option = keep(AppUserOption, application, user, {"key": 1}).get()
    fields = {"key": "other", "user": make_user().pk, "value": "2"}
    page.post(url(AppUserOption, "change", option.pk), fields)
    option.refresh_from_db()
    assert (option.key, option.user, option.value) == ("key", user, 2)


def test_rest_reads_what_the_admin_wrote(
    add: Callable[..., Any], call: Callable[..., Any], token: str, model: Any
) -> None:
    add("theme", '{"name": "dark"}')
    method = "user.option.get" if model is AppUserOption else "app.option.get"
    assert call(method, token=token).json()["result"] == {"theme": {"name": "dark"}}


def test_the_log_names_keys_and_never_values(
    page: Client,
    add: Callable[..., Any],
    change: Callable[..., Any],
    model: Any,
    administrator: Any,
) -> None:
    add("theme", '"first secret"')
    option = model.objects.get()
    change(option, '"second secret"')
    entries = LogEntry.objects.order_by("pk")
    assert [entry.action_flag for entry in entries] == [ADDITION, CHANGE]
    for entry in entries:
        assert entry.object_repr == "theme"
        assert entry.user == administrator
        assert "secret" not in f"{entry.change_message}{entry.get_change_message()}{entry}"
    assert entries[1].get_change_message() == "Changed Value."
    history = page.get(url(model, "history", option.pk)).content.decode()
    assert "secret" not in history


@pytest.mark.parametrize("answer", ["_continue", "_addanother", "_save"])
def test_every_button_to_save_saves(
    page: Client, model: Any, application: Any, user: Any, answer: str
) -> None:
    fields = fields_of(model, application, user, "theme", "1")
    response = page.post(url(model, "add"), {**fields, answer: "1"}, follow=True)
    assert "was added successfully" in response.content.decode()
    assert model.objects.get().value == 1


def test_an_empty_form_shows_no_value(page: Client, model: Any) -> None:
    response = page.get(url(model, "add"))
    assert response.context["adminform"].form["value"].value() == ""


def test_a_form_without_the_field_is_refused(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", 1)
    response = page.post(url(type(option), "change", option.pk), {})
    assert response.status_code == 200
    assert "Type a JSON value" in response.content.decode()


def test_staff_edit_only_with_djangos_permission_to(
    page_of_staff: Callable[..., Client], application: Any, user: Any
) -> None:
    option = keep(AppUserOption, application, user, {"key": "old"}).get()
    staff = page_of_staff("view_appuseroption")
    address = url(AppUserOption, "change", option.pk)
    assert "<textarea" not in staff.get(address).content.decode()
    assert staff.post(address, {"value": '"new"'}).status_code == 403
    fields = fields_of(AppUserOption, application, user, "other", "1")
    assert staff.post(url(AppUserOption, "add"), fields).status_code == 403
    assert AppUserOption.objects.get().value == "old"


def test_staff_with_djangos_permission_edit(
    page_of_staff: Callable[..., Client], application: Any, user: Any
) -> None:
    option = keep(AppOption, application, user, {"key": "old"}).get()
    staff = page_of_staff("view_appoption", "change_appoption")
    assert staff.post(url(AppOption, "change", option.pk), {"value": '"new"'}).status_code == 302
    option.refresh_from_db()
    assert option.value == "new"
    assert staff.get(url(AppOption, "delete", option.pk)).status_code == 403
