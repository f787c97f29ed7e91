"""Small methods by which SDKs find out where they are; all answers are the host's own data.

Sources: apidocs.bitrix24.com, api-reference/common/system and api-reference/common/users, and
api-reference/user/user-current.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from oauth2_provider.scopes import get_scopes_backend

from django_user_options.conf import conf
from django_user_options.rest.methods.base import RestMethod
from django_user_options.rest.methods.registry import register, registry
from django_user_options.rest.permissions import (
    HasApplication,
    HasUser,
    is_administrator,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def _scopes_of(method: type[RestMethod]) -> Sequence[str]:
    return conf.required_scopes if method.required_scopes is None else method.required_scopes


class SystemMethod(RestMethod):
    """Base of the system methods."""

    @property
    def full(self) -> bool:
        """Whether the parameter `full` asks for what the credential may not use, too."""
        return self.parameters.get("full") not in (None, "", "0", 0, False)


@register
class Methods(SystemMethod):
    """Lists the names of the methods that the credential may call; of one scope, or of all."""

    name = "methods"

    def run(self) -> list[str]:
        """Return the names, sorted."""
        scope = self.parameters.get("scope")
        if scope:
            return sorted(method.name for method in registry if scope in _scopes_of(method))
        held = self.caller.scopes
        return sorted(
            method.name for method in registry if self.full or held.issuperset(_scopes_of(method))
        )


@register
class MethodGet(SystemMethod):
    """Tells whether a method exists and whether the credential's scopes allow it."""

    name = "method.get"

    def run(self) -> dict[str, bool]:
        """Look up `name`, in lower case as the vendor asks for it."""
        name = self.parameters.get("name")
        found = next((method for method in registry if method.name.lower() == name), None)
        available = found is not None and self.caller.scopes.issuperset(_scopes_of(found))
        return {"isExisting": found is not None, "isAvailable": available}


@register
class Scope(SystemMethod):
    """Lists the scopes that the credential holds, or all that the host declares.

    Those that every call needs are not listed, as the vendor does not list its basic one.
    """

    name = "scope"

    def run(self) -> list[str]:
        """Return the scopes, sorted."""
        scopes = get_scopes_backend().get_all_scopes() if self.full else self.caller.scopes
        return sorted(set(scopes).difference(conf.required_scopes))


@register
class ServerTime(SystemMethod):
    """Tells the server's time."""

    name = "server.time"

    def run(self) -> str:
        """Return the time in ISO 8601, to the second, with its offset."""
        return _iso(timezone.now())


@register
class AppInfo(SystemMethod):
    """Describes the calling application; to the vendor's clients it is a local one."""

    name = "app.info"
    permission_classes = (HasApplication,)

    def run(self) -> dict[str, Any]:
        """Return what the host knows of the application; it sells no licences and names none."""
        application = self.caller.application
        return {
            "ID": application.pk if isinstance(application.pk, int) else str(application.pk),
            "CODE": application.client_id,
            "VERSION": 1,
            "STATUS": "L",
            "INSTALLED": True,
            "PAYMENT_EXPIRED": "N",
            "DAYS": None,
            "LANGUAGE_ID": get_language() or settings.LANGUAGE_CODE,
            "LICENSE": "",
            "LICENSE_TYPE": "",
            "LICENSE_FAMILY": "",
        }


class UserMethod(SystemMethod):
    """Base of the methods that describe the caller's user."""

    permission_classes = (HasUser,)

    def _text(self, field: str) -> str:
        """Return a field of the user, which a custom user model may not have."""
        return str(getattr(self.caller.user, field, "") or "")

    def _name(self) -> dict[str, str]:
        return {"NAME": self._text("first_name"), "LAST_NAME": self._text("last_name")}


@register
class Profile(UserMethod):
    """Tells the user's id, name and administrator rights."""

    name = "profile"

    def run(self) -> dict[str, Any]:
        """Return the profile; what Django does not know of a user is empty."""
        return {
            "ID": str(self.caller.user.pk),
            "ADMIN": is_administrator(self.caller),
            **self._name(),
            "PERSONAL_GENDER": "",
            "TIME_ZONE": "",
        }


@register
class UserAdmin(UserMethod):
    """Tells whether the caller acts with administrator rights."""

    name = "user.admin"

    def run(self) -> bool:
        """Return whether it does."""
        return is_administrator(self.caller)


@register
class UserCurrent(UserMethod):
    """Tells the identity fields that Django has of the user."""

    name = "user.current"

    def run(self) -> dict[str, Any]:
        """Return the fields; dates that were never set are empty."""
        user = self.caller.user
        return {
            "ID": str(user.pk),
            "ACTIVE": user.is_active,
            **self._name(),
            "EMAIL": self._text(user.get_email_field_name()),
            "LAST_LOGIN": _iso(getattr(user, "last_login", None)),
            "DATE_REGISTER": _iso(getattr(user, "date_joined", None)),
        }


def _iso(moment: datetime | None) -> str:
    if moment is None:
        return ""
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return moment.isoformat(timespec="seconds")
