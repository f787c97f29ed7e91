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


def get_all(request: HttpRequest) -> HttpResponse:
    """Answer with the stored texts of all options, put together unread."""
    statement = (
        f"SELECT {_names('key', 'value')} FROM {AppUserOption._meta.db_table}"
        f" WHERE application_id = %s AND user_id = %s ORDER BY {_names('key')}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, _owner(cursor, request))
        members = ",".join(f"{_json(key)}:{text}" for key, text in cursor)
    return HttpResponse(f'{{"result":{{{members}}}}}', content_type="application/json")


def _owner(cursor: Any, request: HttpRequest) -> Any:
    # The token has no variable, which an error page would show.
    checksum = hashlib.sha256(
        request.headers["Authorization"].removeprefix("Bearer ").encode()
    ).hexdigest()
    cursor.execute(
        f"SELECT application_id, user_id FROM {get_access_token_model()._meta.db_table}"
        " WHERE token_checksum = %s AND expires > %s",
        [checksum, _now()],
    )
    owner = cursor.fetchone()
    if owner is None:
        raise PermissionDenied
    return owner


def _now() -> Any:
    return connection.ops.adapt_datetimefield_value(datetime.now(UTC))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@cache
def _upsert(rows: int) -> str:
    columns = "application_id", "user_id", "key", "value", "size", "created_at", "updated_at"
    values = ", ".join(["(%s, %s, %s, %s, 0, %s, %s)"] * rows)
    insert = f"INSERT INTO {AppUserOption._meta.db_table} ({_names(*columns)}) VALUES {values}"
    if connection.vendor == "mysql":
        update = "ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at)"
    else:
        update = (
            "ON CONFLICT (application_id, user_id, key)"
            " DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at"
        )
    return f"{insert} {update}"


def _names(*columns: str) -> str:
    return ", ".join(map(connection.ops.quote_name, columns))
