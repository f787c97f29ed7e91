"""The parameters `options`, `option` and `user_id`: how they are read, and their schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DataError
from django.utils.translation import gettext_lazy as _

from django_user_options.conf import KEY_LENGTH, conf
from django_user_options.exceptions import InvalidOptionError
from django_user_options.rest.brackets import as_object
from django_user_options.rest.dialects import dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_user_options.rest.methods.rest_method import RestMethod

Schema = dict[str, Any]

# These are never options where the body itself holds them: credentials, and what SDKs add.
_NOT_OPTIONS = frozenset(
    {
        "AUTH_ID",
        "REFRESH_ID",
        "__order",
        "access_token",
        "auth",
        "bx24_request_id",
        "bx24_sdk_type",
        "bx24_sdk_ver",
        "client_secret",
        "option",
        "order",
        "password",
        "refresh_token",
        "start",
        "token",
        "user_id",
    }
)

USER_ID_SCHEMA: Schema = {
    "description": _("Another user, whom only administrators may name."),
    "anyOf": [{"type": "string", "nullable": True}, {"type": "integer"}],
}


def read_options(method: RestMethod) -> Any:
    """Return the options to store: `options`, in the live dialect also the body itself."""
    if dialect().bodies_are_options and "options" not in method.parameters:
        return {key: value for key, value in method.body.items() if key not in _NOT_OPTIONS}
    return as_object(method.parameters.get("options"))


def options_schema() -> Schema:
    """Return the schema of the parameters of a method that stores options."""
    live, maximum = dialect().bodies_are_options, conf.max_keys_per_call
    texts = [_("Keys with values of any JSON type; of a list the indexes are the keys.")]
    if live:
        texts += [
            _(
                "Without `options` the other parameters of the body are the options, but for "
                "those that have a meaning of their own."
            )
        ]
    mapping = {
        "type": "object",
        "additionalProperties": {},
        "propertyNames": _key_schema(minLength=1, maxLength=conf.max_key_length),
        "minProperties": 1,
        "maxProperties": maximum,
    }
    listing = {"type": "array", "items": {}, "minItems": 1, "maxItems": maximum}
    options = {
        "description": " ".join(map(str, texts)),
        "anyOf": [mapping, listing],
        # The options of the vendor's page.
        "example": {"data": "value", "data2": "value2"},
    }
    schema = {"type": "object", "properties": {"options": options}}
    return schema if live else {**schema, "required": ["options"]}


def read_keys(parameters: Mapping[str, Any]) -> Any:
    """Return `option`, a key or a list of keys, in which an integer means its decimal text.

    PHP turns such keys of its arrays into integers, and clients send them so.
    """
    option = parameters.get("option")
    return list(map(_as_key, option)) if isinstance(option, list) else _as_key(option)


def _as_key(key: Any) -> Any:
    return str(key) if isinstance(key, int) and not isinstance(key, bool) else key


def keys_schema(*, required: bool, example: str) -> Schema:
    """Return the schema of the parameters of a method that takes a key or a list of keys."""
    one: Schema = {"minLength": 1} if required else {"nullable": True}
    several = {"minItems": 1} if required else {}
    key = {"anyOf": [_key_schema(minLength=1), {"type": "integer"}]}
    keys = {"type": "array", "items": key, "maxItems": conf.max_keys_per_call, **several}
    option = {
        "description": _(
            "A key, or a list of keys; in forms and queries a list is `option[]=…` for each."
        ),
        "anyOf": [_key_schema(**one), {"type": "integer"}, keys],
        "example": example,
    }
    schema = {"type": "object", "properties": {"option": option}}
    return {**schema, "required": ["option"]} if required else schema


def _key_schema(**more: Any) -> Schema:
    # The pattern repeats `validate_key`.
    pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
    return {"type": "string", "maxLength": KEY_LENGTH, "pattern": pattern, **more}


def find_user(user_id: Any) -> Any:
    """Return the user with this id.

    Raises:
        InvalidOptionError: There is no such user.
    """
    users = get_user_model()._default_manager  # noqa: SLF001
    # True equals 1, and would be the user of that id.
    named = isinstance(user_id, str | int) and not isinstance(user_id, bool)
    try:
        found = users.filter(pk=user_id).first() if named else None
    except (ValueError, ValidationError, DataError):
        # PostgreSQL raises DataError for text that it cannot hold, such as NUL.
        found = None
    # Python reads "+1" and " 1" as 1; an id has one form.
    if found is None or str(found.pk) != str(user_id):
        msg = "user_id must be the id of a user"
        raise InvalidOptionError(msg, argument="user_id")
    return found
