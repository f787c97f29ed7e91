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
# The pattern repeats `validate_key`.
_KEY: Schema = {
    "type": "string",
    "maxLength": KEY_LENGTH,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
}


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
        "propertyNames": {**_KEY, "minLength": 1, "maxLength": conf.max_key_length},
        "minProperties": 1,
        "maxProperties": maximum,
    }
    options = {
        "description": " ".join(map(str, texts)),
        "anyOf": [mapping, {"type": "array", "items": {}, "minItems": 1, "maxItems": maximum}],
        # The options from the vendor's page.
        "example": {"data": "value", "data2": "value2"},
    }
    schema = {"type": "object", "properties": {"options": options}}
    return schema if live else {**schema, "required": ["options"]}


def keys_schema(*, required: bool, example: str) -> Schema:
    """Return the schema of the parameters of a method that takes a key or a list of keys."""
    one: Schema = {"minLength": 1} if required else {"nullable": True}
    several = {"minItems": 1} if required else {}
    key = {"anyOf": [{**_KEY, "minLength": 1}, {"type": "integer"}]}
    keys = {"type": "array", "items": key, "maxItems": conf.max_keys_per_call, **several}
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
