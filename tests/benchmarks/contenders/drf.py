"""What most people write: Django REST framework, the toolkit's authentication and the ORM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from rest_framework.request import Request

DOCUMENT = "all options of this user"


class OptionsSerializer(serializers.Serializer):
    options = serializers.DictField(allow_empty=False)


class OptionsView(APIView):
    """Sets options by POST and reads all of them by GET; subclasses say how."""

    authentication_classes = (OAuth2Authentication,)
    permission_classes = (TokenHasScope,)
    required_scopes = ("basic",)

    def post(self, request: Request) -> Response:
        serializer = OptionsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        owner = {"application": request.auth.application, "user": request.auth.user}
        self.write(owner, serializer.validated_data["options"])
        return Response({"result": True})

    def get(self, request: Request) -> Response:
        owner = {"application": request.auth.application, "user": request.auth.user}
        return Response({"result": self.read(owner)})

    def write(self, owner: dict[str, Any], options: dict[str, Any]) -> None:
        raise NotImplementedError

    def read(self, owner: dict[str, Any]) -> dict[str, Any]:
        return dict(AppUserOption.objects.filter(**owner).values_list("key", "value"))


class UpdateOrCreate(OptionsView):
    """One `update_or_create` for each key, in one transaction."""

    @transaction.atomic
    def write(self, owner: dict[str, Any], options: dict[str, Any]) -> None:
        now = timezone.now()
        for key, value in options.items():
            AppUserOption.objects.update_or_create(
                **owner,
                key=key,
                defaults={"value": value, "updated_at": now},
                create_defaults={"value": value, "size": 0},
            )


class BulkCreate(OptionsView):
    """One `bulk_create` that updates what is there already."""

    def write(self, owner: dict[str, Any], options: dict[str, Any]) -> None:
        named = connection.features.supports_update_conflicts_with_target
        AppUserOption.objects.bulk_create(
            [
                AppUserOption(**owner, key=key, value=value, size=0)
                for key, value in options.items()
            ],
            update_conflicts=True,
            update_fields=["value", "updated_at"],
            unique_fields=["application", "user", "key"] if named else None,
        )


class Blob(OptionsView):
    """The vendor's design: one JSON document for each user; two calls at once lose keys."""

    def write(self, owner: dict[str, Any], options: dict[str, Any]) -> None:
        document, _ = AppUserOption.objects.get_or_create(
            **owner, key=DOCUMENT, defaults={"value": {}, "size": 0}
        )
        document.value |= options
        document.save(update_fields=["value", "updated_at"])

    def read(self, owner: dict[str, Any]) -> dict[str, Any]:
        return AppUserOption.objects.get(**owner, key=DOCUMENT).value
