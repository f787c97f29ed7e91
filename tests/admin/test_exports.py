"""The admin's actions that export: streamed, harmless, logged, and for those who may look."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import AsyncRequestFactory, Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_user_options.admin import AppUserOptionAdmin
from django_user_options.keyset import PAGE_SIZE
from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import logged_in
from tests.hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from django.http import StreamingHttpResponse

pytestmark = pytest.mark.django_db
ACTIONS = ["export_as_json", "export_as_csv"]


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


@pytest.fixture
def export(page: Client) -> Callable[..., Any]:
    """Choose options in the list and an action."""

    def export(options: Any, action: str, *, client: Client = page, **more: Any) -> Any:
        url = reverse(f"admin:django_user_options_{options.model._meta.model_name}_changelist")
        chosen = [option.pk for option in options]
        return client.post(url, {"action": action, "_selected_action": chosen, **more})

    return export


def text(response: StreamingHttpResponse) -> str:
    assert response.streaming
    return response.getvalue().decode()


def keys(response: StreamingHttpResponse) -> list[str]:
    return [json.loads(line)["key"] for line in text(response).splitlines()]


def test_the_selection_leaves_as_lines_of_json(export: Any, options: Any) -> None:
    options.set_options({"a": 1e16, "b": [None], "c": "not selected"})
    lines = text(export(options.exclude(key="c"), "export_as_json")).splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["user"], row["key"], row["value"]) for row in rows] == [
        ("ann", "a", 1e16),
        ("ann", "b", [None]),
    ]


def test_the_selection_leaves_as_a_table_in_which_nothing_runs(export: Any, options: Any) -> None:
    options.set_options(dict.fromkeys(TEXTS, "=1+1"))
    answer = text(export(options.all(), "export_as_csv"))
    assert answer[0] == "\ufeff"
    _, *rows = csv.reader(io.StringIO(answer[1:], newline=""))
    assert {row[2].removeprefix("'") for row in rows} == set(TEXTS)
    assert not any(cell.lstrip()[:1] in {*"=+-@"} for row in rows for cell in row)


@pytest.mark.parametrize("model", [AppOption, AppUserOption])
@pytest.mark.parametrize(
    ("action", "kind", "suffix"),
    [("export_as_json", "application/jsonl", "jsonl"), ("export_as_csv", "text/csv", "csv")],
)
def test_an_export_is_a_file_that_nobody_keeps_or_guesses_at(
    export: Any, application: Any, user: Any, model: Any, action: str, kind: str, suffix: str
) -> None:
    owner = (application, user) if model is AppUserOption else (application,)
    options = model.objects.for_owner(*owner)
    options.set_options({"a": 1})
    response = export(options, action)
    assert response["Content-Type"] == f"{kind}; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    disposition = response["Content-Disposition"]
    assert disposition.startswith(f'attachment; filename="{model._meta.model_name}s-20')
    assert disposition.endswith(f'.{suffix}"')


def test_all_that_the_list_finds_can_be_exported(export: Any, options: Any, page: Client) -> None:
    options.set_options({f"found {n:03}": n for n in range(120)} | {"other": 1})
    url = reverse("admin:django_user_options_appuseroption_changelist")
    one = options.get(key="found 000").pk
    choice = {"action": "export_as_json", "_selected_action": one, "select_across": "1"}
    assert keys(page.post(f"{url}?q=found", choice)) == [f"found {n:03}" for n in range(120)]


def test_an_export_is_read_page_by_page(
    application: Any, user: Any, export: Any, options: Any
) -> None:
    rows = [
        AppUserOption(application=application, user=user, key=f"{n:04}", value=n, size=4)
        for n in range(PAGE_SIZE + 1)
    ]
    AppUserOption.objects.bulk_create(rows, batch_size=500)
    response = export(options.filter(key="0000"), "export_as_json", select_across="1")
    with CaptureQueriesContext(connection) as queries:
        parts = iter(response)
        assert next(parts).count(b"\n") < PAGE_SIZE
    assert len(queries) == 3
    assert sum(part.count(b"\n") for part in parts) + 500 == PAGE_SIZE + 1


@pytest.mark.parametrize("action", ACTIONS)
def test_the_log_notes_who_exported_and_no_value(
    export: Any, options: Any, administrator: Any, page: Client, action: str
) -> None:
    options.set_options({"key": "s3cret"})
    response = export(options, action)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.object_repr) == (
        administrator,
        None,
        "user options",
    )
    assert entry.get_change_message() == f"Exported as {action[-4:].strip('_').upper()}."
    assert "s3cret" in text(response)
    assert b"s3cret" not in page.get(reverse("admin:index")).content


@pytest.mark.parametrize("action", ACTIONS)
def test_only_who_may_view_options_may_export_them(
    export: Any, options: Any, make_user: Any, action: str
) -> None:
    options.set_options({"a": 1})
    staff = make_user("staff", is_staff=True)
    client = logged_in(staff)
    assert export(options, action, client=client).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_appuseroption"))
    assert "a" in text(export(options, action, client=client))


def test_only_who_may_view_options_sees_the_actions(make_user: Any, rf: Any) -> None:
    request = rf.get("/")
    request.user = make_user("staff", is_staff=True)
    assert AppUserOptionAdmin(AppUserOption, admin.site).get_actions(request) == {}


async def _gathered(parts: AsyncIterator[bytes]) -> list[bytes]:
    return [part async for part in parts]


@pytest.mark.django_db(transaction=True)
def test_an_asynchronous_server_streams_too(options: Any, administrator: Any) -> None:
    options.set_options({"a": 1, "b": 2})
    request = AsyncRequestFactory().post("/")
    request.user = administrator
    response = AppUserOptionAdmin(AppUserOption, admin.site).export_as_json(
        request, AppUserOption.objects.all()
    )
    assert response.is_async
    (part,) = async_to_sync(_gathered)(aiter(response))
    assert [json.loads(line)["key"] for line in part.splitlines()] == ["a", "b"]
