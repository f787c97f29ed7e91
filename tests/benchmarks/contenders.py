"""Alternatives, from the bare floor to what most people would write.

Both keep their options in the package's own table, so that only the way there differs. Neither
knows a limit, nor keeps the column `size`, which only limits need. This is the project's URLconf;
ours stands under `rest/`, as in the README.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from oauth2_provider.models import get_access_token_model
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

FLOOR, OURS, BULK_CREATE = "floor", "ours", "bulk_create"
# Where each contender takes `{"options": {…}}`.
PATHS_TO_SET = {
    FLOOR: "/floor/set",
    OURS: "/rest/user.option.set",
    BULK_CREATE: "/bulk-create/",
}
# Where each takes a call for all options, and by which HTTP method.
PATHS_TO_GET_ALL = {
    FLOOR: ("/floor/get-all", "POST"),
    OURS: ("/rest/user.option.get", "POST"),
    BULK_CREATE: ("/bulk-create/", "GET"),
}


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


class OptionsSerializer(serializers.Serializer):
    options = serializers.DictField(allow_empty=False)


class BulkCreate(APIView):
    """Django REST framework, the toolkit's authentication, and one `bulk_create` that updates."""

    authentication_classes = (OAuth2Authentication,)
    permission_classes = (TokenHasScope,)
    required_scopes = ("basic",)

    def post(self, request: Request) -> Response:
        serializer = OptionsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        owner = {"application": request.auth.application, "user": request.auth.user}
        named = connection.features.supports_update_conflicts_with_target
        AppUserOption.objects.bulk_create(
            [
                AppUserOption(**owner, key=key, value=value, size=0)
                for key, value in serializer.validated_data["options"].items()
            ],
            update_conflicts=True,
            update_fields=["value", "updated_at"],
            unique_fields=["application", "user", "key"] if named else None,
        )
        return Response({"result": True})

    def get(self, request: Request) -> Response:
        owner = {"application": request.auth.application, "user": request.auth.user}
        stored = AppUserOption.objects.filter(**owner).values_list("key", "value")
        return Response({"result": dict(stored)})


urlpatterns = [
    path("rest/", include("django_user_options.rest.urls")),
    path("floor/set", set_options),
    path("floor/get-all", get_all),
    path("bulk-create/", BulkCreate.as_view()),
]
