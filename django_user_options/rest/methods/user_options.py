"""`user.option.*`: options of the calling application for the calling user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_user_options.models import AppUserOption
from django_user_options.rest.methods.base import RestMethod
from django_user_options.rest.registry import register

if TYPE_CHECKING:
    from django_user_options.querysets import AppUserOptionQuerySet


class UserOptionMethod(RestMethod):
    """Base: finds the options that the call is about."""

    @property
    def options(self) -> AppUserOptionQuerySet[AppUserOption]:
        """The options of the caller's application and user."""
        return AppUserOption.objects.for_owner(self.caller.application, self.caller.user)


@register
class UserOptionSet(UserOptionMethod):
    """Stores options; new keys are added, existing ones replaced, others left alone.

    Source: apidocs.bitrix24.com, api-reference/common/settings/user-option-set.
    """

    name = "user.option.set"

    def run(self) -> bool:
        """Write the parameter `options`, an object of keys and JSON values."""
        self.options.set_options(options_from(self.parameters))
        return True


@register
class UserOptionGet(UserOptionMethod):
    """Reads one option, or all of them.

    Source: apidocs.bitrix24.com, api-reference/common/settings/user-option-get.
    """

    name = "user.option.get"

    def run(self) -> Any:
        """Return the value of the key in `option`, or without it an object of all."""
        key = self.parameters.get("option")
        if key is None or key == "":
            return self.options.as_mapping()
        return self.options.get_option(key)


def options_from(parameters: dict[str, Any]) -> Any:
    """Return the parameter `options` as the object it means.

    PHP writes an empty object as `[]` or `""`, and index keys as a list.
    """
    options = parameters.get("options")
    if options is None or options == "":
        return {}
    if isinstance(options, list):
        return {str(index): value for index, value in enumerate(options)}
    return options
