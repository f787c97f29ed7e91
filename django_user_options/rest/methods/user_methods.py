"""`profile`, `user.admin` and `user.current`: the project's data about the caller's user.

Sources: apidocs.bitrix24.com, api-reference/common/users and api-reference/user/user-current.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from django_user_options.rest.methods.rest_method import (
    BOOLEAN,
    TEXT,
    RestMethod,
    object_schema,
    register,
)
from django_user_options.rest.permissions import HasUser, is_administrator

_MOMENT = {**TEXT, "description": _("A time in ISO 8601, or an empty text.")}
# Documented fields that Django does not have.
_UNKNOWN = (
    "TIME_ZONE", "IS_ONLINE", "TIMESTAMP_X", "LAST_ACTIVITY_DATE",
    "PERSONAL_GENDER", "PERSONAL_BIRTHDAY", "UF_EMPLOYMENT_DATE",
)  # fmt: skip


class UserMethod(RestMethod):
    """Base of the methods that describe the caller's user."""

    tag = _("System")
    permission_classes = (HasUser,)
    errors = ()

    def name_parts(self) -> dict[str, str]:
        """Return the user's names, empty if the user model has none."""
        return {"NAME": self.text("first_name"), "LAST_NAME": self.text("last_name")}

    def text(self, field: str) -> str:
        """Return a field of the user as text, empty if the user model has no such field."""
        found = getattr(self.caller.user, field, None)
        return "" if found is None or callable(found) else str(found)


@register
class Profile(UserMethod):
    """Returns the user's id, name and administrator rights."""

    name = "profile"
    summary = _("Return the user's id, name and administrator rights")
    result_schema: ClassVar = object_schema(
        ID=TEXT, ADMIN=BOOLEAN, NAME=TEXT, LAST_NAME=TEXT, PERSONAL_GENDER=TEXT, TIME_ZONE=TEXT
    )

    def run(self) -> dict[str, Any]:
        return {
            "ID": str(self.caller.user.pk),
            "ADMIN": is_administrator(self.caller),
            **self.name_parts(),
            "PERSONAL_GENDER": "",
            "TIME_ZONE": "",
        }


@register
class UserAdmin(UserMethod):
    """Returns whether the caller has administrator rights."""

    name = "user.admin"
    summary = _("Check whether the call has administrator rights")
    result_schema = BOOLEAN
    result_example = False

    def run(self) -> bool:
        return is_administrator(self.caller)


@register
class UserCurrent(UserMethod):
    """Returns the user's identity fields that Django has."""

    name = "user.current"
    summary = _("Return the user's identity")
    result_schema: ClassVar = object_schema(
        ID=TEXT,
        XML_ID=TEXT,
        ACTIVE=BOOLEAN,
        NAME=TEXT,
        LAST_NAME=TEXT,
        EMAIL=TEXT,
        LAST_LOGIN=_MOMENT,
        DATE_REGISTER=_MOMENT,
        **dict.fromkeys(_UNKNOWN, TEXT),
        UF_DEPARTMENT={"type": "array", "items": {}},
    )

    def run(self) -> dict[str, Any]:
        user = self.caller.user
        return {
            "ID": str(user.pk),
            "XML_ID": "",
            "ACTIVE": bool(user.is_active),
            **self.name_parts(),
            "EMAIL": self.text(user.get_email_field_name()),
            "LAST_LOGIN": iso_moment(getattr(user, "last_login", None)),
            "DATE_REGISTER": iso_moment(getattr(user, "date_joined", None)),
            **dict.fromkeys(_UNKNOWN, ""),
            "UF_DEPARTMENT": [],
        }


def iso_moment(value: object) -> str:
    """Return a datetime in ISO 8601, to the second with its offset, or "" for other types.

    The project's user model may have a date or text where Django's has a datetime.
    """
    if isinstance(value, str):
        try:
            value = parse_datetime(value)
        except ValueError:
            return ""
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return ""
    if timezone.is_naive(value):
        value = timezone.make_aware(value)
    return value.isoformat(timespec="seconds")
