"""What the methods for options share: whose options they are, and how keys are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DataError
from django.utils.translation import gettext_lazy as _

from django_user_options.conf import KEY_LENGTH, conf
from django_user_options.exceptions import InvalidOptionError, OptionLimitError
from django_user_options.models import AppOption, AppUserOption
from django_user_options.rest.methods.rest_method import RestMethod
from django_user_options.rest.permissions import (
    HasApplication,
    HasUser,
    IsAdministrator,
    is_administrator,
)
from django_user_options.rest.refusals import PermissionRefusedError
from django_user_options.rest.throttle import facts_of
from django_user_options.security import report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.permissions import BasePermission

    from django_user_options.querysets import (
        AppOptionQuerySet,
        AppUserOptionQuerySet,
        OptionQuerySet,
    )
    from django_user_options.rest.methods.rest_method import Errors

Schema = dict[str, Any]

# The pattern repeats `validate_key`.
KEY: Schema = {
    "type": "string",
    "maxLength": KEY_LENGTH,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
}
# A digest, for examples.
DIGEST = "0gEcQFIMQ9n9uj8KHvSRZZ"


def keys_schema(**limits: Any) -> Schema:
    """Return the schema of a list of keys."""
    one = {"anyOf": [{**KEY, "minLength": 1}, {"type": "integer"}]}
    return {"type": "array", "items": one, "maxItems": conf.max_keys_per_call, **limits}


def mapping_schemas(value: Schema, *, longest: int, least: int = 0) -> list[Schema]:
    """Return the schemas of an object of keys and values, as PHP may write it."""
    most = conf.max_keys_per_call
    mapping = {
        "type": "object",
        "additionalProperties": value,
        "propertyNames": {**KEY, "minLength": 1, "maxLength": longest},
        "minProperties": least,
        "maxProperties": most,
    }
    array = {"type": "array", "items": value, "minItems": least, "maxItems": most}
    empty = {"type": "string", "maxLength": 0, "nullable": True}
    return [mapping, array] if least else [mapping, array, empty]


def as_key(key: Any) -> Any:
    """Return the key that an integer stands for, and anything else unchanged.

    PHP turns numeric array keys into integers, and clients send them that way.
    """
    return str(key) if isinstance(key, int) and not isinstance(key, bool) else key


def no_keys(parameter: str) -> InvalidOptionError:
    """Return the error about a parameter that is neither a key nor a list of keys."""
    return InvalidOptionError(f"{parameter} must be a key or a list of keys", argument=parameter)


def no_user() -> InvalidOptionError:
    """Return the error about a user id that nobody has."""
    return InvalidOptionError("user_id must be the id of a user", argument="user_id")


def too_many_keys() -> OptionLimitError:
    """Return an example of a refusal at a limit."""
    msg, most = "%(argument)s: at most %(maximum)d keys may be kept", conf.max_keys_per_owner
    return OptionLimitError(
        msg, argument="options", limit="max_keys_per_owner", maximum=most, current=most
    )


class OptionMethod(RestMethod):
    """Base of the methods for one owner's options; a subclass implements `answer`."""

    permission_classes: ClassVar[Sequence[type[BasePermission]]] = (HasApplication, HasUser)

    @classmethod
    def needed_scopes(cls) -> Sequence[str]:
        scope = conf.write_scope if cls.writes else conf.read_scope
        return [*super().needed_scopes(), scope] if scope else super().needed_scopes()

    def run(self) -> Any:
        result = self.answer()
        if self.uses_administrator_rights():
            facts = facts_of(self.caller, self.request._request, self.name)  # noqa: SLF001
            report("administrator_acted", outcome="done", **facts)
        return result

    def answer(self) -> Any:
        """Do the work and return the result."""
        raise NotImplementedError

    def uses_administrator_rights(self) -> bool:
        """Return whether the call is only for administrators; such calls are reported."""
        raise NotImplementedError

    @property
    def options(self) -> OptionQuerySet[Any]:
        """The options of the call's owner."""
        raise NotImplementedError

    def key_or_keys(self, parameter: str) -> Any:
        """Return the key or the list of keys in a parameter, or None if it is empty."""
        given = self.parameters.get(parameter)
        if isinstance(given, list):
            return list(map(as_key, given))
        return None if given == "" else as_key(given)

    def keys_to_delete(self, parameter: str) -> list[Any]:
        """Return the keys in a parameter, which may be one key or a list.

        Raises:
            InvalidOptionError: The parameter is an object.
        """
        keys = self.key_or_keys(parameter)
        if isinstance(keys, dict):
            raise no_keys(parameter)
        if keys is None:
            return []
        return keys if isinstance(keys, list) else [keys]


class UserOptionMethod(OptionMethod):
    """Base: the owner is the caller's application with the caller, or the user in `user_id`."""

    tag = _("Options of a user")
    errors: ClassVar[Errors] = (PermissionRefusedError(IsAdministrator), no_user)

    @classmethod
    def parameters_schema(cls) -> Schema:
        schema: Schema = super().parameters_schema()
        user_id = {
            "description": _("Another user; only administrators may name one."),
            "anyOf": [{"type": "string", "nullable": True}, {"type": "integer"}],
        }
        return {**schema, "properties": {**schema["properties"], "user_id": user_id}}

    def uses_administrator_rights(self) -> bool:
        user_id = self.parameters.get("user_id")
        return user_id not in (None, "") and str(user_id) != str(self.caller.user.pk)

    @property
    def options(self) -> AppUserOptionQuerySet[AppUserOption]:
        user = self.caller.user
        if self.uses_administrator_rights():
            if not is_administrator(self.caller):
                raise PermissionRefusedError(IsAdministrator)
            user = find_user(self.parameters["user_id"])
        return AppUserOption.objects.for_owner(self.caller.application, user)


class AppOptionMethod(OptionMethod):
    """Base: the owner is the caller's application; only administrators may write."""

    permission_classes: ClassVar[Sequence[type[BasePermission]]] = (
        HasApplication,
        HasUser,
        IsAdministrator,
    )
    tag = _("Options of an application")

    def uses_administrator_rights(self) -> bool:
        return self.writes

    @property
    def options(self) -> AppOptionQuerySet[AppOption]:
        return AppOption.objects.for_owner(self.caller.application)


def find_user(user_id: Any) -> Any:
    """Return the user with this id.

    Raises:
        InvalidOptionError: There is no such user.
    """
    users = get_user_model()._default_manager  # noqa: SLF001
    try:
        found = users.filter(pk=user_id).first() if isinstance(user_id, str | int) else None
    except (ValueError, ValidationError, DataError):
        # PostgreSQL raises DataError for text that it cannot store, such as NUL.
        found = None
    # Python takes "+1", " 1" and True for 1, but an id has only one form.
    if found is None or str(found.pk) != str(user_id):
        raise no_user()
    return found
