"""What holds in every project; `test_projects.py` runs this module once in each."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from django_user_options.exceptions import OptionLimitError
from django_user_options.imports import import_options
from django_user_options.models import AppOption, AppUserOption, InboundWebhook, Overview
from django_user_options.portal.models import ApplicationPage
from tests.admin.screens import application_url, listed, logged_in, owner_url, url

pytestmark = pytest.mark.django_db(databases=settings.DATABASES)

OPTIONS = {"theme": "dark", "Theme": None, "size": 1e16}


def test_the_project_is_set_up_without_a_warning() -> None:
    call_command("check", databases=list(settings.DATABASES), fail_level="WARNING")


def test_no_migration_is_missing_or_unapplied() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    for alias in settings.DATABASES:
        call_command("migrate", check_unapplied=True, database=alias, verbosity=0)


def test_python_reads_what_python_wrote(options: Any) -> None:
    options.set_options(OPTIONS)
    options.set_options({"theme": "light"})
    assert options.as_mapping() == {**OPTIONS, "theme": "light"}
    assert options.delete_options(["theme"]) == 1
    assert options.get_option("theme") is None


def test_a_refused_write_leaves_nothing(options: Any, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    with pytest.raises(OptionLimitError):
        options.set_options(OPTIONS)
    assert options.as_mapping() == {}


def test_rest_reads_what_a_webhook_wrote(
    call: Any, token: str, application: Any, user: Any
) -> None:
    _, secret = InboundWebhook.objects.issue(owner=user, application=application, scope="basic")
    answer = call("user.option.set", {"options": OPTIONS}, prefix=f"/rest/{user.pk}/{secret}/")
    assert answer.json()["result"] is True
    assert call("user.option.get", token=token).json()["result"] == OPTIONS


def test_the_admin_finds_shows_changes_and_deletes_an_option(
    administrator: Any, application: Any, user: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"ADMIN_EDITABLE": True}
    options = AppUserOption.objects.for_owner(application, user)
    options.set_options(OPTIONS)
    page = logged_in(administrator)
    assert len(listed(page, AppUserOption, q=user.get_username()[:4])) == len(OPTIONS)
    chosen = {"application": application.pk, "user": user.pk, "type": "number"}
    assert listed(page, AppUserOption, **chosen) == ["size"]
    AppOption.objects.for_owner(application).set_options(OPTIONS)
    overview = url(Overview, "changelist")
    for address in (owner_url(application, user), application_url(application), overview):
        assert page.get(address).status_code == 200
    option = options.get(key="size")
    change = url(AppUserOption, "change", option.pk)
    assert page.post(change, {"value": "2e16"}).status_code == 302
    assert options.get_option("size") == 2e16
    assert page.get(url(AppUserOption, "add")).status_code == 200
    page.post(url(AppUserOption, "delete", option.pk), {"post": "yes"})
    assert options.get_option("size") is None


def test_an_application_opens_in_a_frame(
    client: Any, application: Any, user: Any, call: Any
) -> None:
    page = ApplicationPage.objects.create(
        application=application, title="Notes", address="https://app.example/"
    )
    client.force_login(user)
    address = page.get_absolute_url()
    assert client.get(address).status_code == 200
    opened, data = (
        client.post(address, {"command": command}).json() for command in ("open", "getInitData")
    )
    assert opened["fields"]["AUTH_ID"] == data["AUTH_ID"]
    answer = call("app.info", prefix="/oauth/rest/", token=data["AUTH_ID"]).json()["result"]
    assert answer["client_id"] == application.client_id
    assert str(answer["user_id"]) == str(user.pk)


def test_an_export_comes_back(application: Any, user: Any) -> None:
    out = StringIO()
    stores = (
        AppUserOption.objects.for_owner(application, user),
        AppOption.objects.for_owner(application),
    )
    for options in stores:
        options.set_options(OPTIONS)
    call_command("user_options", "export", stdout=out)
    lines = out.getvalue().encode().splitlines()
    call_command("user_options", "purge", "options", "--key", "*", "--no-input", stdout=StringIO())
    assert not any(options.exists() for options in stores)
    assert [*import_options(lines)] == [(2 * len(OPTIONS), 0)]
    assert [options.as_mapping() for options in stores] == [OPTIONS, OPTIONS]


@pytest.mark.parametrize("by", ["--user", "--user-id"])
def test_a_command_finds_a_user_of_any_model(application: Any, user: Any, by: str) -> None:
    AppUserOption.objects.for_owner(application, user).set_options({"theme": "dark"})
    out = StringIO()
    owner = ("--application", application.client_id, by)
    name = user.get_username() if by == "--user" else str(user.pk)
    call_command("user_options", "get", "theme", *owner, name, stdout=out)
    call_command("user_options", "webhook", "create", by, name, "--json", stdout=out)
    call_command("user_options", "webhook", "list", by, name, stdout=out)
    call_command("user_options", "stats", by, name, stdout=out)
    assert out.getvalue().startswith('"dark"\n')
