"""`set`, `get` and `delete` of an application's options, for a user and for itself.

Sources: apidocs.bitrix24.com, api-reference/common/settings, the pages user-option-set,
user-option-get, app-option-set and app-option-get. Both `delete` methods and the parameter
`user_id` are this package's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from django_user_options.conf import KEY_LENGTH, conf
from django_user_options.exceptions import (
    InvalidOptionError,
    NoKeyGivenError,
    NothingToSaveError,
    OptionLimitError,
    OwnerGoneError,
)
from django_user_options.rest.brackets import as_object
from django_user_options.rest.dialects import dialect
from django_user_options.rest.methods.option_base import (
    KEY,
    AppOptionMethod,
    OptionMethod,
    Schema,
    UserOptionMethod,
    keys_schema,
    mapping_schemas,
    no_keys,
    too_many_keys,
)
from django_user_options.rest.methods.rest_method import BOOLEAN, register
from django_user_options.rest.permissions import HasApplication, HasUser
from django_user_options.validators import validate_keys

if TYPE_CHECKING:
    from django_user_options.rest.methods.rest_method import Errors

# These are never options if the body itself contains the options: credentials, and what SDKs add.
_NOT_OPTIONS = frozenset((
    "AUTH_ID", "REFRESH_ID", "__order", "access_token", "auth", "bx24_request_id",
    "bx24_sdk_type", "bx24_sdk_ver", "client_secret", "option", "order", "password",
    "refresh_token", "start", "token", "user_id",
))  # fmt: skip
_LONG_KEY = OptionLimitError(
    "%(argument)s: a key may have at most %(maximum)d characters",
    argument="option",
    limit="max_key_length",
    maximum=KEY_LENGTH,
    current=KEY_LENGTH + 1,
)


class SetOptions(OptionMethod):
    """Stores options: adds new keys, replaces existing ones, and leaves the others alone."""

    description = _(
        "New keys are added, existing ones replaced, others left alone. All of the keys are "
        "stored or none. A value comes back as it was sent, its JSON type included; values "
        "from forms are strings."
    )
    result_schema = BOOLEAN
    result_example = True
    errors: ClassVar[Errors] = (
        NothingToSaveError,
        InvalidOptionError("options must be an object of keys and values", argument="options"),
        too_many_keys,
        OwnerGoneError,
    )
    writes = True

    @classmethod
    def parameters_schema(cls) -> Schema:
        text = _("Keys with values of any JSON type; the keys of a list are its indexes.")
        options = {
            "description": text,
            "anyOf": mapping_schemas({}, least=1, longest=conf.max_key_length),
            # The options from the vendor's page.
            "example": {"data": "value", "data2": "value2"},
        }
        schema: Schema = {"type": "object", "properties": {"options": options}}
        if not dialect().bodies_are_options:
            return {**schema, "required": ["options"]}
        without = _(
            "Without `options`, the other parameters of the body are the options, except "
            "those that have a meaning of their own."
        )
        options["description"] = f"{text} {without}"
        return schema

    def answer(self) -> bool:
        if dialect().bodies_are_options and "options" not in self.parameters:
            options = {key: self.body[key] for key in self.body if key not in _NOT_OPTIONS}
        else:
            options = as_object(self.parameters.get("options"))
        self.options.set_options(options, cause=self.caller)
        return True


def _option_schema(one: Schema, several: Schema, example: str) -> Schema:
    return {
        "description": _(
            "A key or a list of keys; forms and queries repeat `option[]=…` for each key."
        ),
        "anyOf": [{**KEY, **one}, {"type": "integer"}, several],
        "example": example,
    }


class GetOptions(OptionMethod):
    """Reads one option, several, or all."""

    description = _(
        "The result is the value of the key, or null if the key is not set. For a list of "
        "keys, it is an object of those that exist; without `option`, an object of all."
    )
    result_schema: ClassVar = {}
    result_example = "value"
    errors: ClassVar[Errors] = (
        InvalidOptionError("%(argument)s: a key must be a string", argument="option"),
        _LONG_KEY,
    )

    @classmethod
    def parameters_schema(cls) -> Schema:
        option = _option_schema({"nullable": True}, keys_schema(), "data")
        return {"type": "object", "properties": {"option": option}}

    def answer(self) -> Any:
        option = self.key_or_keys("option")
        if option is None:
            everything = self.options.as_json()
            return dialect().empty_store if everything == "{}" else everything
        if isinstance(option, list):
            return self.options.filter(key__in=validate_keys(option)).as_json()
        return self.options.get_option(option)


class DeleteOptions(OptionMethod):
    """Deletes one option or several; the vendor has no such method."""

    description = _("Missing keys are not an error.")
    result_schema = BOOLEAN
    result_example = True
    errors: ClassVar[Errors] = (NoKeyGivenError, no_keys("option"), _LONG_KEY)
    writes = True

    @classmethod
    def parameters_schema(cls) -> Schema:
        option = _option_schema({"minLength": 1}, keys_schema(minItems=1), "data2")
        return {"type": "object", "properties": {"option": option}, "required": ["option"]}

    def answer(self) -> bool:
        keys = self.keys_to_delete("option")
        self.options.delete_options(keys, cause=self.caller)
        return True


@register
class UserOptionSet(UserOptionMethod, SetOptions):
    """Stores options of the application for the user."""

    name = "user.option.set"
    summary = _("Store options of the application for the user")


@register
class UserOptionGet(UserOptionMethod, GetOptions):
    """Reads options of the application for the user."""

    name = "user.option.get"
    summary = _("Read options of the application for the user")


@register
class UserOptionDelete(UserOptionMethod, DeleteOptions):
    """Deletes options of the application for the user."""

    name = "user.option.delete"
    summary = _("Delete options of the application for the user")


@register
class AppOptionSet(AppOptionMethod, SetOptions):
    """Stores options of the application."""

    name = "app.option.set"
    summary = _("Store options of the application")


@register
class AppOptionGet(AppOptionMethod, GetOptions):
    """Reads options of the application, for any of its users."""

    name = "app.option.get"
    summary = _("Read options of the application")
    permission_classes = (HasApplication, HasUser)


@register
class AppOptionDelete(AppOptionMethod, DeleteOptions):
    """Deletes options of the application."""

    name = "app.option.delete"
    summary = _("Delete options of the application")
