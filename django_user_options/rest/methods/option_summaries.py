"""`*.option.keys` and `*.option.usage`: what an owner keeps, without the values.

The vendor has no such methods.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from django_user_options.conf import conf
from django_user_options.exceptions import InvalidOptionError
from django_user_options.rest.methods.option_base import (
    DIGEST,
    KEY,
    AppOptionMethod,
    OptionMethod,
    Schema,
    UserOptionMethod,
    as_key,
)
from django_user_options.rest.methods.rest_method import TEXT, object_schema, register
from django_user_options.rest.methods.user_methods import iso_moment
from django_user_options.rest.permissions import HasApplication, HasUser

if TYPE_CHECKING:
    from django_user_options.rest.methods.rest_method import Errors

_INTEGER: Schema = {"type": "integer"}
# Python reads no more digits.
_LIMIT = re.compile("[0-9]{1,4300}")


def _no_digest() -> InvalidOptionError:
    return InvalidOptionError("unless must be a digest", argument="unless")


class ListKeys(OptionMethod):
    """Lists keys with a digest, the size and the last change of each value."""

    description = _(
        "Keys come in the order of their code points. `digest` covers all keys that match "
        "`prefix`, even those on other pages. If `unless` still equals it, the result is null. "
        "`next` is the last key of the page if more follow; pass it as `after`."
    )
    result_schema: ClassVar = {
        "type": "object",
        "nullable": True,
        "properties": {
            "keys": {
                "type": "object",
                "additionalProperties": object_schema(
                    digest=TEXT, size=_INTEGER, updated_at={**TEXT, "format": "date-time"}
                ),
            },
            "digest": TEXT,
            "next": TEXT,
        },
        "required": ["keys", "digest"],
    }
    result_example: ClassVar = {
        "keys": {"data": {"digest": DIGEST, "size": 7, "updated_at": "2024-07-26T13:41:51+00:00"}},
        "digest": DIGEST,
    }
    errors: ClassVar[Errors] = (_no_digest,)

    @classmethod
    def parameters_schema(cls) -> Schema:
        key = [{**KEY, "nullable": True}, _INTEGER]
        limit = {"pattern": "^0*[1-9][0-9]*$|^$", "maxLength": 4300, "nullable": True}
        properties = {
            "prefix": {"description": _("Only keys that begin with this text."), "anyOf": key},
            "after": {"description": _("Only keys after this one."), "anyOf": key},
            "limit": {
                "description": _("The maximum number of keys; all by default."),
                "anyOf": [{**_INTEGER, "minimum": 1}, {**TEXT, **limit}],
            },
            "unless": {
                "description": _("A `digest` from an earlier answer."),
                **TEXT,
                "nullable": True,
            },
        }
        return {"type": "object", "properties": properties}

    def answer(self) -> dict[str, Any] | None:
        prefix, after = (
            "" if given is None else as_key(given)
            for given in map(self.parameters.get, ("prefix", "after"))
        )
        page = self.options.keys(prefix, after=after, limit=self._limit(), unless=self._unless())
        if page is None:
            return None
        keys = {
            key: {**facts._asdict(), "updated_at": iso_moment(facts.updated_at)}
            for key, facts in page.keys.items()
        }
        following = {} if page.next is None else {"next": page.next}
        return {"keys": keys, "digest": page.digest, **following}

    def _limit(self) -> Any:
        limit = self.parameters.get("limit")
        if isinstance(limit, str) and _LIMIT.fullmatch(limit):
            return int(limit)
        return None if limit == "" else limit

    def _unless(self) -> str | None:
        unless: Any = self.parameters.get("unless")
        if unless is not None and not isinstance(unless, str):
            raise _no_digest()
        return unless


class GetUsage(OptionMethod):
    """Returns how much is kept, and every limit."""

    description = _("`bytes` is the size of the values as JSON. A limit of null is off.")
    errors: ClassVar[Errors] = ()

    @classmethod
    def parameters_schema(cls) -> Schema:
        return {"type": "object", "properties": {}}

    @classmethod
    def result_schema(cls) -> Schema:
        limits = object_schema(**{name: {**_INTEGER, "nullable": True} for name in conf.limits})
        return object_schema(keys=_INTEGER, bytes=_INTEGER, limits=limits)

    @classmethod
    def result_example(cls) -> dict[str, Any]:
        return {"keys": 2, "bytes": 15, "limits": conf.limits}

    def answer(self) -> dict[str, Any]:
        return self.options.usage()._asdict()


@register
class UserOptionKeys(UserOptionMethod, ListKeys):
    """Lists the keys of the application for the user."""

    name = "user.option.keys"
    summary = _("List keys of the application for the user, without values")


@register
class UserOptionUsage(UserOptionMethod, GetUsage):
    """Returns how much the application keeps for the user."""

    name = "user.option.usage"
    summary = _("Return how much the application keeps for the user")


@register
class AppOptionKeys(AppOptionMethod, ListKeys):
    """Lists the keys of the application, for any of its users."""

    name = "app.option.keys"
    summary = _("List keys of the application, without values")
    permission_classes = (HasApplication, HasUser)


@register
class AppOptionUsage(AppOptionMethod, GetUsage):
    """Returns how much the application keeps for itself, for any of its users."""

    name = "app.option.usage"
    summary = _("Return how much the application keeps for itself")
    permission_classes = (HasApplication, HasUser)
