"""The admin's export actions: streamed, harmless, logged, and only with the view permission."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import AsyncRequestFactory
from django.test.utils import CaptureQueriesContext

from django_user_options.admin import AppUserOptionAdmin
from django_user_options.keyset import PAGE_SIZE
from django_user_options.models import AppUserOption
from tests.admin.screens import keep, screen, url
from tests.hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def _export(
    page: Any, options: Any, action: str = "export_as_json", search: str = "", **more: Any
) -> Any:
    """Select options in the list, and an action."""
    chosen = [option.pk for option in options]
    address = f"{url(options.model, 'changelist')}?q={search}"
    return page.post(address, {"action": action, "_selected_action": chosen, **more})


def _text(response: Any) -> str:
    assert response.streaming
    return response.getvalue().decode()


def test_the_selection_is_exported_as_json_lines(page: Any, kept: Any) -> None:
    options = kept(AppUserOption, {"a": 1e16, "b": [None], "c": "not selected"})
    lines = _text(_export(page, options.exclude(key="c"))).splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["user"], row["key"], row["value"]) for row in rows] == [
        ("ann", "a", 1e16),
        ("ann", "b", [None]),
    ]


def test_the_selection_is_exported_as_csv_without_formulas(page: Any, kept: Any) -> None:
    options = kept(AppUserOption, dict.fromkeys(TEXTS, "=1+1"))
    answer = _text(_export(page, options, "export_as_csv"))
    assert answer[0] == "\ufeff"
    _, *rows = csv.reader(io.StringIO(answer[1:], newline=""))
    assert {row[2].removeprefix("'") for row in rows} == set(TEXTS)
    assert not any(cell.lstrip()[:1] in {*"=+-@"} for row in rows for cell in row)


@pytest.mark.parametrize(
    ("action", "kind", "message"),
    [
        ("export_as_json", "application/jsonl", "Exported as JSON."),
        ("export_as_csv", "text/csv", "Exported as CSV."),
    ],
)
def test_an_export_is_logged_without_values_and_neither_cached_nor_sniffed(
    page: Any,
    kept: Any,
    model: Any,
    administrator: Any,
    action: str,
    kind: str,
    message: str,
) -> None:
    response = _export(page, kept(model, {"key": "s3cret"}), action)
    assert response["Content-Type"] == f"{kind}; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    disposition = response["Content-Disposition"]
    assert disposition.startswith(f'attachment; filename="{model._meta.model_name}s-20')
    assert disposition.endswith(f'.{kind.rpartition("/")[2]}"')
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (administrator, None)
    assert entry.object_repr == model._meta.verbose_name_plural
    assert entry.get_change_message() == message
    assert "s3cret" in _text(response)
    assert "s3cret" not in page.get("/admin/").text


@pytest.mark.database
def test_all_that_the_list_finds_is_exported_page_by_page(
    page: Any, application: Any, user: Any, make_user: Any
) -> None:
    rows = [
        AppUserOption(application=application, user=user, key=f"found {n:04}", value=n, size=4)
        for n in range(PAGE_SIZE + 1)
    ]
    AppUserOption.objects.bulk_create(rows, batch_size=500)
    chosen = keep(AppUserOption, application, make_user(), {"other": 1})
    response = _export(page, chosen, select_across="1", search="found")
    with CaptureQueriesContext(connection) as queries:
        parts = iter(response)
        first = next(parts)
    assert first.count(b"\n") < PAGE_SIZE
    assert len(queries) == 3
    keys = [json.loads(line)["key"] for line in b"".join([first, *parts]).splitlines()]
    assert keys == [row.key for row in rows]


@pytest.mark.parametrize("action", ["export_as_json", "export_as_csv"])
def test_exporting_needs_the_view_permission(page_of_staff: Any, kept: Any, action: str) -> None:
    options = kept(AppUserOption, {"a": 1})
    assert _export(page_of_staff(), options, action).status_code == 403
    staff = page_of_staff("view_appuseroption")
    assert action in screen(staff, url(AppUserOption, "changelist")).fields
    assert "a" in _text(_export(staff, options, action))


async def _gathered(parts: AsyncIterator[bytes]) -> list[bytes]:
    return [part async for part in parts]


@pytest.mark.django_db(transaction=True)
def test_an_asynchronous_server_streams_too(kept: Any, administrator: Any) -> None:
    request = AsyncRequestFactory().post("/")
    request.user = administrator
    options = kept(AppUserOption, {"a": 1, "b": 2})
    response = AppUserOptionAdmin(AppUserOption, admin.site).export_as_json(request, options)
    assert response.is_async
    (part,) = async_to_sync(_gathered)(aiter(response))
    assert [json.loads(line)["key"] for line in part.splitlines()] == ["a", "b"]
