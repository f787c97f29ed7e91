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


class OptionsSerializer(serializers.Serializer):
    """The body of a call."""

    options = serializers.DictField(allow_empty=False)


class OptionsView(APIView):
    """Sets options by POST and reads all of them by GET; subclasses say how."""

    authentication_classes = (OAuth2Authentication,)
    permission_classes = (TokenHasScope,)
    required_scopes = ("basic",)

    def post(self, request: Request) -> Response:
        """Write the options of the token's application and user."""
        serializer = OptionsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        owner = {"application": request.auth.application, "user": request.auth.user}
        self.write(owner, serializer.validated_data["options"])
        return Response({"result": True})

    def get(self, request: Request) -> Response:
        """Answer with all options."""
        owner = {"application": request.auth.application, "user": request.auth.user}
        return Response({"result": self.read(owner)})

    def write(self, owner: dict[str, Any], options: dict[str, Any]) -> None:
        """Store the options."""
        raise NotImplementedError

    def read(self, owner: dict[str, Any]) -> dict[str, Any]:
        """Return the owner's options."""
        return dict(AppUserOption.objects.filter(**owner).values_list("key", "value"))


class UpdateOrCreate(OptionsView):
    """One `update_or_create` for each key, in one transaction."""

    @transaction.atomic
    def write(self, owner: dict[str, Any], options: dict[str, Any]) -> None:
        """Store the options one after the other."""
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
        """Store the options in one statement."""
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
