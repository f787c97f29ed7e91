"""`user.option.*` and `app.option.*`: an application's options for a user and for itself.

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
from django_user_options.models import AppOption, AppUserOption
from django_user_options.rest.brackets import as_object
from django_user_options.rest.dialects import dialect
from django_user_options.rest.methods.option_parameters import (
    USER_ID_SCHEMA,
    Schema,
    find_user,
    keys_schema,
    options_schema,
)
from django_user_options.rest.methods.rest_method import BOOLEAN, RestMethod, register
from django_user_options.rest.permissions import (
    HasApplication,
    HasUser,
    IsAdministrator,
    is_administrator,
)
from django_user_options.rest.refusals import PermissionRefusedError
from django_user_options.rest.throttle import facts_of
from django_user_options.security import report
from django_user_options.validators import validate_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.permissions import BasePermission

    from django_user_options.querysets import (
        AppOptionQuerySet,
        AppUserOptionQuerySet,
        OptionQuerySet,
    )
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


def too_many_keys() -> OptionLimitError:
    """Return an example of a refusal at a limit."""
    msg, most = "%(argument)s: at most %(maximum)d keys may be kept", conf.max_keys_per_owner
    return OptionLimitError(
        msg, argument="options", limit="max_keys_per_owner", maximum=most, current=most
    )


def _no_keys() -> InvalidOptionError:
    return InvalidOptionError("option must be a key or a list of keys", argument="option")


class OptionMethod(RestMethod):
    """Base of the methods for one owner's options.

    Attributes:
        only_reads: Whether a credential needs the scope for reading instead of that for writing.
    """

    only_reads: ClassVar[bool] = False
    permission_classes: ClassVar[Sequence[type[BasePermission]]] = (HasApplication, HasUser)

    @classmethod
    def needed_scopes(cls) -> Sequence[str]:
        scope = conf.read_scope if cls.only_reads else conf.write_scope
        return [*super().needed_scopes(), scope] if scope else super().needed_scopes()

    @property
    def options(self) -> OptionQuerySet[Any]:
        """The options of the call's owner."""
        raise NotImplementedError

    @property
    def option(self) -> Any:
        """The parameter `option`: a key or a list of keys, or None if it is empty.

        PHP turns numeric array keys into integers, and clients send them that way.
        """
        option = self.parameters.get("option")
        if isinstance(option, list):
            return list(map(as_key, option))
        return None if option == "" else as_key(option)

    def report_act(self) -> None:
        """Report that the caller used administrator rights."""
        facts = facts_of(self.caller, self.request._request, self.name)  # noqa: SLF001
        report("administrator_acted", outcome="done", **facts)


def as_key(key: Any) -> Any:
    """Return the key that an integer stands for, and anything else unchanged."""
    return str(key) if isinstance(key, int) and not isinstance(key, bool) else key


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
        return options_schema()

    def run(self) -> bool:
        if dialect().bodies_are_options and "options" not in self.parameters:
            options = {key: self.body[key] for key in self.body if key not in _NOT_OPTIONS}
        else:
            options = as_object(self.parameters.get("options"))
        self.options.set_options(options, cause=self.caller)
        return True


class GetOptions(OptionMethod):
    """Reads one option, several, or all."""

    only_reads = True
    description = _(
        "The result is the value of the key, null if it was never set. For a list of "
        "keys it is an object of those that exist, and without `option` an object of all."
    )
    result_schema: ClassVar = {}
    result_example = "value"
    errors: ClassVar[Errors] = (
        InvalidOptionError("%(argument)s: a key must be a string", argument="option"),
        _LONG_KEY,
    )

    @classmethod
    def parameters_schema(cls) -> Schema:
        return keys_schema(required=False, example="data")

    def run(self) -> Any:
        option = self.option
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
    errors: ClassVar[Errors] = (NoKeyGivenError, _no_keys, _LONG_KEY)
    writes = True

    @classmethod
    def parameters_schema(cls) -> Schema:
        return keys_schema(required=True, example="data2")

    def run(self) -> bool:
        option = self.option
        if isinstance(option, dict):
            raise _no_keys()
        keys = option if isinstance(option, list) else [option]
        self.options.delete_options([] if option is None else keys, cause=self.caller)
        return True


class UserOptionMethod(OptionMethod):
    """Base: the owner is the caller's application with the caller, or the user in `user_id`."""

    tag = _("Options of a user")
    errors: ClassVar[Errors] = (PermissionRefusedError(IsAdministrator),)

    @classmethod
    def parameters_schema(cls) -> Schema:
        schema: Schema = super().parameters_schema()
        return {**schema, "properties": {**schema["properties"], "user_id": USER_ID_SCHEMA}}

    def run(self) -> Any:
        result = super().run()
        if self._is_for_another_user():
            self.report_act()
        return result

    def _is_for_another_user(self) -> bool:
        user_id = self.parameters.get("user_id")
        return user_id not in (None, "") and str(user_id) != str(self.caller.user.pk)

    @property
    def options(self) -> AppUserOptionQuerySet[AppUserOption]:
        user, user_id = self.caller.user, self.parameters.get("user_id")
        if self._is_for_another_user():
            if not is_administrator(self.caller):
                raise PermissionRefusedError(IsAdministrator)
            user = find_user(user_id)
        return AppUserOption.objects.for_owner(self.caller.application, user)


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


class AppOptionMethod(OptionMethod):
    """Base: the owner is the caller's application; only administrators may write."""

    permission_classes: ClassVar[Sequence[type[BasePermission]]] = (
        HasApplication,
        HasUser,
        IsAdministrator,
    )
    tag = _("Options of an application")

    def run(self) -> Any:
        result = super().run()
        if IsAdministrator in self.permission_classes:
            self.report_act()
        return result

    @property
    def options(self) -> AppOptionQuerySet[AppOption]:
        return AppOption.objects.for_owner(self.caller.application)


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
