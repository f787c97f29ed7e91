"""The schemas of the parameters `options`, `option` and `user_id`, and the user of `user_id`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DataError
from django.utils.translation import gettext_lazy as _

from django_user_options.conf import KEY_LENGTH, conf
from django_user_options.exceptions import InvalidOptionError
from django_user_options.rest.dialects import dialect

Schema = dict[str, Any]

USER_ID_SCHEMA: Schema = {
    "description": _("Another user, whom only administrators may name."),
    "anyOf": [{"type": "string", "nullable": True}, {"type": "integer"}],
}
# A number as a form contains it; a plus sign arrives as a space.
NUMBER = r" ?-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
# The pattern repeats `validate_key`.
_KEY: Schema = {
    "type": "string",
    "maxLength": KEY_LENGTH,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
}
_ONE_KEY: Schema = {"anyOf": [{**_KEY, "minLength": 1}, {"type": "integer"}]}
PAGE_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "prefix": {
            "description": _("Only keys that begin with this text."),
            "anyOf": [{**_KEY, "nullable": True}, {"type": "integer"}],
        },
        "after": {
            "description": _("Only keys after this one."),
            "anyOf": [{**_KEY, "nullable": True}, {"type": "integer"}],
        },
        "limit": {
            "description": _("How many keys at most; all by default."),
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {
                    "type": "string",
                    "pattern": "^0*[1-9][0-9]*$|^$",
                    "maxLength": 4300,
                    "nullable": True,
                },
            ],
        },
        "unless": {
            "description": _("A `digest` from an earlier answer."),
            "type": "string",
            "nullable": True,
        },
    },
}


def options_schema() -> Schema:
    """Return the schema of the parameters of a method that stores options."""
    live = dialect().bodies_are_options
    texts = [_("Keys with values of any JSON type; of a list the indexes are the keys.")]
    if live:
        texts += [
            _(
                "Without `options` the other parameters of the body are the options, but for "
                "those that have a meaning of their own."
            )
        ]
    options = {
        "description": " ".join(map(str, texts)),
        "anyOf": _mapping({}, least=1, longest=conf.max_key_length),
        # The options from the vendor's page.
        "example": {"data": "value", "data2": "value2"},
    }
    schema = {"type": "object", "properties": {"options": options}}
    return schema if live else {**schema, "required": ["options"]}


def update_schema() -> Schema:
    """Return the schema of the parameters of a method that changes options in one step."""
    number = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{NUMBER}$"}]}
    longest = conf.max_key_length
    keys = {"type": "array", "items": _ONE_KEY, "maxItems": conf.max_keys_per_call}
    return {
        "type": "object",
        "properties": {
            "set": {
                "description": _("Keys with their new values, as in `options` of `set`."),
                "anyOf": _mapping({}, longest=longest),
                "example": {"theme": "dark"},
            },
            "remove": {
                "description": _("Keys to delete, as in `option` of `delete`."),
                "anyOf": [{**_KEY, "nullable": True}, {"type": "integer"}, keys],
            },
            "increment": {
                "description": _("Keys with the numbers to add; a missing key starts at 0."),
                "anyOf": _mapping(number, longest=longest),
                "example": {"visits": 1},
            },
            "if": {
                "description": _(
                    "Keys with the digests that they must have, or null if they must not exist; "
                    "in forms and queries the empty text stands for null."
                ),
                "anyOf": _mapping({"type": "string", "nullable": True}, longest=KEY_LENGTH),
            },
        },
    }


def _mapping(value: Schema, *, longest: int, least: int = 0) -> list[Schema]:
    """Return the schemas of an object of keys and values, as PHP may write it."""
    most = conf.max_keys_per_call
    names = {**_KEY, "minLength": 1, "maxLength": longest}
    mapping = {
        "type": "object",
        "additionalProperties": value,
        "propertyNames": names,
        "minProperties": least,
        "maxProperties": most,
    }
    array = {"type": "array", "items": value, "minItems": least, "maxItems": most}
    empty = {"type": "string", "maxLength": 0, "nullable": True}
    return [mapping, array] if least else [mapping, array, empty]


def keys_schema(*, required: bool, example: str) -> Schema:
    """Return the schema of the parameters of a method that takes a key or a list of keys."""
    one: Schema = {"minLength": 1} if required else {"nullable": True}
    several = {"minItems": 1} if required else {}
    keys = {"type": "array", "items": _ONE_KEY, "maxItems": conf.max_keys_per_call, **several}
    option = {
        "description": _(
            "A key, or a list of keys; in forms and queries a list is `option[]=…` for each."
        ),
        "anyOf": [{**_KEY, **one}, {"type": "integer"}, keys],
        "example": example,
    }
    schema = {"type": "object", "properties": {"option": option}}
    return {**schema, "required": ["option"]} if required else schema


def find_user(user_id: Any) -> Any:
    """Return the user with this id.

    Raises:
        InvalidOptionError: There is no such user.
    """
    users = get_user_model()._default_manager  # noqa: SLF001
    # True equals 1, and would find the user with that id.
    named = isinstance(user_id, str | int) and not isinstance(user_id, bool)
    try:
        found = users.filter(pk=user_id).first() if named else None
    except (ValueError, ValidationError, DataError):
        # PostgreSQL raises DataError for text that it cannot store, such as NUL.
        found = None
    # Python reads "+1" and " 1" as 1, but an id has only one form.
    if found is None or str(found.pk) != str(user_id):
        msg = "user_id must be the id of a user"
        raise InvalidOptionError(msg, argument="user_id")
    return found
