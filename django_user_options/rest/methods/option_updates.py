"""`user.option.update` and `app.option.update`: set, remove and increment in one change.

The vendor has no such methods.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from django_user_options.conf import KEY_LENGTH, conf
from django_user_options.exceptions import (
    NothingToUpdateError,
    OptionConflictError,
    OwnerGoneError,
)
from django_user_options.rest.brackets import as_object
from django_user_options.rest.methods.option_base import (
    DIGEST,
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
from django_user_options.rest.methods.rest_method import TEXT, object_schema, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_user_options.rest.methods.rest_method import Errors

# A number as a form contains it; a plus sign arrives as a space.
_NUMBER = re.compile(r" ?-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class UpdateOptions(OptionMethod):
    """Sets, removes and increments options in one atomic change, if they are as expected."""

    description = _(
        "All of the change happens, or nothing. `if` names the digests that keys must have; they "
        "come from this method and from `keys`. If one differs, the answer is 409, and its "
        "`conflicts` holds the current digests. The result has the new digest of each key that was "
        "set, and the digest and value of each that was incremented."
    )
    result_schema: ClassVar = {
        "type": "object",
        "additionalProperties": {
            "anyOf": [TEXT, object_schema(digest=TEXT, value={"type": "number"})]
        },
    }
    result_example: ClassVar = {"theme": DIGEST, "visits": {"digest": DIGEST, "value": 8}}
    errors: ClassVar[Errors] = (
        NothingToUpdateError,
        OptionConflictError({"theme": DIGEST}),
        no_keys("remove"),
        too_many_keys,
        OwnerGoneError,
    )
    writes = True

    @classmethod
    def parameters_schema(cls) -> Schema:
        pattern = f"^{_NUMBER.pattern}$"
        number = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": pattern}]}
        digest = {"type": "string", "nullable": True}
        longest = conf.max_key_length
        properties = {
            "set": {
                "description": _("Keys with their new values, as in `options` of `set`."),
                "anyOf": mapping_schemas({}, longest=longest),
                "example": {"theme": "dark"},
            },
            "remove": {
                "description": _("Keys to delete, as in `option` of `delete`."),
                "anyOf": [{**KEY, "nullable": True}, {"type": "integer"}, keys_schema()],
            },
            "increment": {
                "description": _("Keys with the numbers to add; a missing key starts at 0."),
                "anyOf": mapping_schemas(number, longest=longest),
                "example": {"visits": 1},
            },
            "if": {
                "description": _(
                    "Keys with the digests that they must have, or null if they must not exist; "
                    "in forms and queries, an empty text means null."
                ),
                "anyOf": mapping_schemas(digest, longest=KEY_LENGTH),
            },
        }
        return {"type": "object", "properties": properties}

    def answer(self) -> dict[str, Any]:
        return self.options.update_options(
            as_object(self.parameters.get("set")),
            remove=self.keys_to_delete("remove"),
            increment=self._converted("increment", _as_number),
            # A form cannot contain null.
            if_=self._converted("if", lambda digest: None if digest == "" else digest),
            cause=self.caller,
        )

    def _converted(self, name: str, convert: Callable[[Any], Any]) -> Any:
        given = as_object(self.parameters.get(name))
        if not isinstance(given, dict):
            return given
        return {key: convert(value) for key, value in given.items()}


def _as_number(amount: Any) -> Any:
    """Return the number that a text from a form contains, and anything else unchanged."""
    if isinstance(amount, str) and _NUMBER.fullmatch(amount):
        # An integer may have too many digits.
        with suppress(ValueError):
            return json.loads(amount)
    return amount


@register
class UserOptionUpdate(UserOptionMethod, UpdateOptions):
    """Changes options of the application for the user in one step."""

    name = "user.option.update"
    summary = _("Set, remove and increment options of the application for the user")


@register
class AppOptionUpdate(AppOptionMethod, UpdateOptions):
    """Changes options of the application in one step."""

    name = "app.option.update"
    summary = _("Set, remove and increment options of the application")
