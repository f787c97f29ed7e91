"""The form of the editor: owners, buttons, replicas, permissions, and the admin's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import connections

from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import fields_of, keep, url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.usefixtures("editable")


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
