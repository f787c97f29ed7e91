"""`user.option.update` and `app.option.update`: set, remove and count in one atomic change.

The vendor has no such methods.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from django_user_options.exceptions import (
    InvalidOptionError,
    NothingToUpdateError,
    OptionConflictError,
    OwnerGoneError,
)
from django_user_options.rest.brackets import as_object
from django_user_options.rest.methods.option_methods import (
    AppOptionMethod,
    OptionMethod,
    UserOptionMethod,
    as_key,
    too_many_keys,
)
from django_user_options.rest.methods.option_parameters import NUMBER, Schema, update_schema
from django_user_options.rest.methods.rest_method import TEXT, object_schema, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_user_options.rest.methods.rest_method import Errors

_NUMBER = re.compile(NUMBER)
_DIGEST = "0gEcQFIMQ9n9uj8KHvSRZZ"


def _no_keys() -> InvalidOptionError:
    return InvalidOptionError("remove must be a key or a list of keys", argument="remove")


class UpdateOptions(OptionMethod):
    """Sets, removes and counts options in one atomic change, if they are as expected."""

    description = _(
        "The whole change happens or none of it. `if` names the digests that keys must have; they "
        "come from this method and from `keys`. If one differs, the answer is 409, and its "
        "`conflicts` holds the present digests. The result has the new digest of each key that was "
        "set, and the digest and the value of each that was counted."
    )
    result_schema: ClassVar = {
        "type": "object",
        "additionalProperties": {
            "anyOf": [TEXT, object_schema(digest=TEXT, value={"type": "number"})]
        },
    }
    result_example: ClassVar = {"theme": _DIGEST, "visits": {"digest": _DIGEST, "value": 8}}
    errors: ClassVar[Errors] = (
        NothingToUpdateError,
        OptionConflictError({"theme": _DIGEST}),
        _no_keys,
        too_many_keys,
        OwnerGoneError,
    )
    writes = True

    @classmethod
    def parameters_schema(cls) -> Schema:
        return update_schema()

    def run(self) -> dict[str, Any]:
        return self.options.update_options(
            as_object(self.parameters.get("set")),
            remove=self._removed(),
            increment=self._converted("increment", _as_number),
            # A form cannot contain null.
            if_=self._converted("if", lambda digest: None if digest == "" else digest),
            cause=self.caller,
        )

    def _removed(self) -> list[str]:
        keys = self.parameters.get("remove")
        if isinstance(keys, dict):
            raise _no_keys()
        if keys is None or keys == "":
            return []
        return list(map(as_key, keys if isinstance(keys, list) else [keys]))

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
    summary = _("Set, remove and count options of the application for the user")


@register
class AppOptionUpdate(AppOptionMethod, UpdateOptions):
    """Changes options of the application in one step."""

    name = "app.option.update"
    summary = _("Set, remove and count options of the application")
