"""The floor: plain views, raw SQL and no check but that of the token."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse, JsonResponse
from oauth2_provider.models import get_access_token_model

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from django.http import HttpRequest


def set_options(request: HttpRequest) -> JsonResponse:
    """Write options in two statements: one finds the token, one writes all rows."""
    options = json.loads(request.body)["options"]
    with connection.cursor() as cursor:
        application, user = _owner(cursor, request)
        now = _now()
        rows: list[Any] = []
        for key, value in options.items():
            rows += (application, user, key, _json(value), now, now)
        cursor.execute(_upsert(len(options)), rows)
    return JsonResponse({"result": True})


def set_options_in_one_statement(request: HttpRequest) -> JsonResponse:
    """Write options in the one statement that also finds the token; PostgreSQL only."""
    options = json.loads(request.body)["options"]
    texts = [_json(value) for value in options.values()]
    with connection.cursor() as cursor:
        cursor.execute(_upsert_with_token(), [_checksum(request), list(options), texts])
        if not cursor.rowcount:
            raise PermissionDenied
    return JsonResponse({"result": True})


def get_option(request: HttpRequest) -> HttpResponse:
    """Answer with the stored text of one option."""
    with connection.cursor() as cursor:
        owner = _owner(cursor, request)
        key = json.loads(request.body)["option"]
        cursor.execute(f"{_select()} AND {_names('key')} = %s", [*owner, key])
        ((_, text),) = cursor.fetchall()
    return HttpResponse(f'{{"result":{text}}}', content_type="application/json")


def get_all(request: HttpRequest) -> HttpResponse:
    """Answer with the stored texts of all options, put together unread."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_select()} ORDER BY {_names('key')}", _owner(cursor, request))
        members = ",".join(f"{_json(key)}:{text}" for key, text in cursor)
    return HttpResponse(f'{{"result":{{{members}}}}}', content_type="application/json")


def _owner(cursor: Any, request: HttpRequest) -> Any:
    cursor.execute(_select_token(), [_checksum(request), _now()])
    owner = cursor.fetchone()
    if owner is None:
        raise PermissionDenied
    return owner


def _checksum(request: HttpRequest) -> str:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> Any:
    return connection.ops.adapt_datetimefield_value(datetime.now(UTC))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@cache
def _select_token() -> str:
    table = get_access_token_model()._meta.db_table
    return f"SELECT application_id, user_id FROM {table} WHERE token_checksum = %s AND expires > %s"


@cache
def _select() -> str:
    return (
        f"SELECT {_names('key', 'value')} FROM {AppUserOption._meta.db_table}"
        " WHERE application_id = %s AND user_id = %s"
    )


@cache
def _upsert(rows: int) -> str:
    values = ", ".join(["(%s, %s, %s, %s, 0, %s, %s)"] * rows)
    return f"{_insert()} VALUES {values} {_or_update()}"


@cache
def _upsert_with_token() -> str:
    return (
        "WITH token AS (SELECT application_id, user_id"
        f" FROM {get_access_token_model()._meta.db_table}"
        " WHERE token_checksum = %s AND expires > now())"
        f" {_insert()} SELECT application_id, user_id, key, value, 0, now(), now()"
        f" FROM token, unnest(%s::text[], %s::text[]) AS options(key, value) {_or_update()}"
    )


def _insert() -> str:
    columns = "application_id", "user_id", "key", "value", "size", "created_at", "updated_at"
    return f"INSERT INTO {AppUserOption._meta.db_table} ({_names(*columns)})"


def _or_update() -> str:
    if connection.vendor == "mysql":
        return "ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at)"
    return (
        "ON CONFLICT (application_id, user_id, key)"
        " DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at"
    )


def _names(*columns: str) -> str:
    return ", ".join(map(connection.ops.quote_name, columns))
