"""`app.option.*`: options of the calling application itself.

Sources: apidocs.bitrix24.com, api-reference/common/settings, the pages app-option-set and
app-option-get; `app.option.delete` is this package's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django_user_options.models import AppOption
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
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.permissions import BasePermission

    from django_user_options.querysets import AppOptionQuerySet


class AppOptionMethod(OptionMethod):
    """Base: the owner is the caller's application; whoever writes must be an administrator."""

    permission_classes: ClassVar[Sequence[type[BasePermission]]] = (
        HasApplication,
        HasUser,
        IsAdministrator,
    )

    @property
    def options(self) -> AppOptionQuerySet[AppOption]:
        """The options of the caller's application."""
        return AppOption.objects.for_owner(self.caller.application)


@register
class AppOptionSet(AppOptionMethod, SetOptions):
    """Stores options of the application."""

    name = "app.option.set"


@register
class AppOptionGet(AppOptionMethod, GetOptions):
    """Reads options of the application, for any of its users."""

    name = "app.option.get"
    permission_classes = (HasApplication, HasUser)


@register
class AppOptionDelete(AppOptionMethod, DeleteOptions):
    """Deletes options of the application."""

    name = "app.option.delete"
