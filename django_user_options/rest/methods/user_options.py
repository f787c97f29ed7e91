"""`user.option.*`: options of the calling application for one user.

Sources: apidocs.bitrix24.com, api-reference/common/settings, the pages user-option-set and
user-option-get; `user.option.delete` and `user_id` are this package's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from django_user_options.exceptions import InvalidOptionError
from django_user_options.models import AppUserOption
from django_user_options.rest.methods.options import (
    DeleteOptions,
    GetOptions,
    OptionMethod,
    SetOptions,
)
from django_user_options.rest.methods.registry import register
from django_user_options.rest.permissions import (
    HasApplication,
    HasUser,
    IsAdministrator,
    is_administrator,
)
from django_user_options.rest.refusals import PermissionRefusedError

if TYPE_CHECKING:
    from django_user_options.querysets import AppUserOptionQuerySet


class UserOptionMethod(OptionMethod):
    """Base: the owner is the caller's application with the caller, or the user in `user_id`."""

    permission_classes = (HasApplication, HasUser)

    @property
    def options(self) -> AppUserOptionQuerySet[AppUserOption]:
        """The options of the caller's application and the user that the call is about."""
        return AppUserOption.objects.for_owner(self.caller.application, self._user())

    def _user(self) -> Any:
        user_id = self.parameters.get("user_id")
        if user_id is None or user_id == "" or str(user_id) == str(self.caller.user.pk):
            return self.caller.user
        if not is_administrator(self.caller):
            raise PermissionRefusedError(IsAdministrator)
        return _find_user(user_id)


def _find_user(user_id: Any) -> Any:
    users = get_user_model()._default_manager  # noqa: SLF001
    # True equals 1, and would be the user of that id.
    named = isinstance(user_id, str | int) and not isinstance(user_id, bool)
    try:
        found = users.filter(pk=user_id).first() if named else None
    except (ValueError, ValidationError):
        found = None
    # Python reads "+1" and " 1" as 1; an id has one form.
    if found is None or str(found.pk) != str(user_id):
        msg = "user_id must be the id of a user"
        raise InvalidOptionError(msg, argument="user_id")
    return found


@register
class UserOptionSet(UserOptionMethod, SetOptions):
    """Stores options of the application for the user."""

    name = "user.option.set"


@register
class UserOptionGet(UserOptionMethod, GetOptions):
    """Reads options of the application for the user."""

    name = "user.option.get"


@register
class UserOptionDelete(UserOptionMethod, DeleteOptions):
    """Deletes options of the application for the user."""

    name = "user.option.delete"
