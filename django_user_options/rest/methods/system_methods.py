"""Small methods for SDKs to identify the server; all answers are the project's own data.

Source: apidocs.bitrix24.com, api-reference/common/system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import get_scopes_backend

from django_user_options.conf import conf
from django_user_options.rest.dialects import dialect
from django_user_options.rest.methods.rest_method import (
    BOOLEAN,
    TEXT,
    RestMethod,
    object_schema,
    register,
    registry,
)
from django_user_options.rest.methods.user_methods import iso_moment
from django_user_options.rest.permissions import HasApplication

if TYPE_CHECKING:
    from rest_framework.views import APIView

    from django_user_options.rest.caller import Caller

_NAMES = {"type": "array", "items": TEXT}
# The vendor's languages, and its codes where Django's differ.
_LANGUAGES = frozenset((
    "en", "ru", "de", "la", "fr", "it", "pl", "br", "vn", "tr",
    "kz", "ua", "ar", "th", "sc", "tc", "ja", "id", "ms", "in",
))  # fmt: skip
_LANGUAGE_NAMES = {
    "es": "la", "hi": "in", "kk": "kz", "pt": "br", "uk": "ua", "vi": "vn",
    "zh": "sc", "zh-hant": "tc", "zh-hk": "tc", "zh-mo": "tc", "zh-tw": "tc",
}  # fmt: skip
# The project sells no licenses, so these are empty.
_LICENSE = ("LICENSE", "LICENSE_TYPE", "LICENSE_FAMILY")
_FULL = {
    "description": _("Whether to also list what the credential may not use."),
    "anyOf": [TEXT, BOOLEAN],
}


class SystemMethod(RestMethod):
    """Base of the system methods."""

    tag = _("System")
    errors = ()

    @property
    def full(self) -> bool:
        """Whether `full` also asks for what the credential may not use."""
        return self.parameters.get("full") not in (None, "", "0", 0, False)

    def listed_scopes(self) -> list[str]:
        """Return the scopes of the credential or, with `full`, all that the project declares.

        Scopes that every call needs are left out, as the vendor leaves out its basic one.
        """
        scopes = get_scopes_backend().get_all_scopes() if self.full else self.caller.scopes
        return sorted(set(scopes).difference(conf.required_scopes))


@register
class Methods(SystemMethod):
    """Lists the methods that the credential may call, for one scope or for all."""

    name = "methods"
    summary = _("List the methods that the credential may call")
    parameters_schema: ClassVar = {
        "type": "object",
        "properties": {
            "scope": {"description": _("List the methods of this scope."), **TEXT},
            "full": _FULL,
        },
    }
    result_schema = _NAMES
    result_example: ClassVar = ["user.option.get", "user.option.set"]

    def run(self) -> list[str]:
        scope = self.parameters.get("scope")
        if scope:
            return sorted(method.name for method in registry if scope in method.needed_scopes())
        return sorted(
            method.name for method in registry if self.full or method.is_available_to(self.caller)
        )


@register
class MethodGet(SystemMethod):
    """Returns whether a method exists and whether the credential's scopes allow it."""

    name = "method.get"
    summary = _("Check whether a method exists and may be called")
    parameters_schema: ClassVar = {
        "type": "object",
        "properties": {
            "name": {
                "description": _("The method's name, in lower case."),
                "example": "user.option.set",
                **TEXT,
            }
        },
    }
    result_schema = object_schema(isExisting=BOOLEAN, isAvailable=BOOLEAN)
    result_example: ClassVar = {"isExisting": True, "isAvailable": True}

    def run(self) -> dict[str, bool]:
        name = self.parameters.get("name")
        found = next((method for method in registry if method.name.lower() == name), None)
        available = found is not None and found.is_available_to(self.caller)
        return {"isExisting": found is not None, "isAvailable": available}


@register
class Scope(SystemMethod):
    """Lists the scopes that the credential holds, or all that the project declares."""

    name = "scope"
    summary = _("List the scopes that the credential holds")
    description = _("Those that every call needs are not listed.")
    parameters_schema: ClassVar = {"type": "object", "properties": {"full": _FULL}}
    result_schema = _NAMES
    result_example: ClassVar = []

    def run(self) -> list[str]:
        return self.listed_scopes()


@register
class ServerTime(SystemMethod):
    """Returns the server's time."""

    name = "server.time"
    summary = _("Return the server's time")
    result_schema: ClassVar = {"type": "string", "format": "date-time"}
    result_example = "2024-07-26T13:41:51+00:00"

    def run(self) -> str:
        return iso_moment(timezone.now())


class DescribesItself(HasApplication):
    """The credential belongs to an application, or is a webhook in the live dialect."""

    def allows(self, caller: Caller, view: APIView) -> bool:
        return _is_live_webhook(caller) or super().allows(caller, view)


def _is_live_webhook(caller: Caller) -> bool:
    return caller.credential == "webhook" and not dialect().webhooks_have_application


@register
class AppInfo(SystemMethod):
    """Describes the calling application, which the vendor's clients see as a local one."""

    name = "app.info"
    permission_classes = (DescribesItself,)
    summary = _("Describe the calling application")

    @classmethod
    def result_schema(cls) -> dict[str, Any]:
        application = object_schema(
            ID={"anyOf": [{"type": "integer"}, TEXT]},
            CODE={"description": _("The client id."), **TEXT},
            VERSION={"type": "integer"},
            STATUS=TEXT,
            INSTALLED=BOOLEAN,
            PAYMENT_EXPIRED=TEXT,
            DAYS={"type": "integer", "nullable": True},
            LANGUAGE_ID=TEXT,
            **dict.fromkeys(_LICENSE, TEXT),
        )
        if dialect().webhooks_have_application:
            return application
        return {"anyOf": [application, object_schema(SCOPE=_NAMES, LICENSE=TEXT)]}

    def is_installed(self) -> bool:
        """Return whether the application has been installed; here, all of them are."""
        return True

    def run(self) -> dict[str, Any]:
        if _is_live_webhook(self.caller):
            return {"SCOPE": self.listed_scopes(), "LICENSE": ""}
        application = self.caller.application
        return {
            "ID": application.pk if isinstance(application.pk, int) else str(application.pk),
            "CODE": application.client_id,
            "VERSION": 1,
            "STATUS": "L",
            "INSTALLED": self.is_installed(),
            "PAYMENT_EXPIRED": "N",
            "DAYS": None,
            "LANGUAGE_ID": language_id(get_language() or settings.LANGUAGE_CODE),
            **dict.fromkeys(_LICENSE, ""),
        }


def language_id(language: str) -> str:
    """Return the vendor's two-letter code for a Django language, or `en` if it has none."""
    parts = language.lower().replace("_", "-").split("-")
    found = (_LANGUAGE_NAMES.get("-".join(parts[:count])) for count in range(len(parts), 0, -1))
    name = next(filter(None, found), parts[0])
    return name if name in _LANGUAGES else "en"
