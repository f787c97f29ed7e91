"""What setting, getting and deleting have in common, whoever owns the options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_user_options.conf import conf
from django_user_options.exceptions import InvalidOptionError
from django_user_options.rest.brackets import as_object
from django_user_options.rest.methods.base import RestMethod
from django_user_options.validators import validate_keys

if TYPE_CHECKING:
    from django_user_options.querysets import OptionQuerySet

# Not options where the body itself is taken for them: credentials, and what SDKs add.
_NO_OPTIONS = frozenset(
    {
        "__order",
        "access_token",
        "auth",
        "bx24_request_id",
        "bx24_sdk_type",
        "bx24_sdk_ver",
        "option",
        "order",
        "start",
        "user_id",
    }
)


class OptionMethod(RestMethod):
    """Base of the methods over one owner's options."""

    @property
    def options(self) -> OptionQuerySet[Any]:
        """The options of the owner that the call is about."""
        raise NotImplementedError


class SetOptions(OptionMethod):
    """Stores options: new keys are added, existing ones replaced, others left alone."""

    def run(self) -> bool:
        """Write the parameter `options`, an object of keys and JSON values."""
        self.options.set_options(as_object(self._given()), cause=self.caller)
        return True

    def _given(self) -> Any:
        if conf.dialect == "live" and "options" not in self.parameters:
            return {key: value for key, value in self.body.items() if key not in _NO_OPTIONS}
        return self.parameters.get("options")


class GetOptions(OptionMethod):
    """Reads one option, several, or all."""

    def run(self) -> Any:
        """Return the value of the key in `option`; of a list of keys, or of none, an object."""
        option = self.parameters.get("option")
        if option is None or option == "":
            everything = self.options.as_json()
            return [] if conf.dialect == "live" and everything == "{}" else everything
        if isinstance(option, list):
            keys = validate_keys(option) if option else option
            return self.options.filter(key__in=keys).as_json()
        return self.options.get_option(option)


class DeleteOptions(OptionMethod):
    """Deletes one option or several; the vendor has no such method."""

    def run(self) -> bool:
        """Delete the key or the list of keys in `option`; unknown keys are no error."""
        option = self.parameters.get("option")
        if isinstance(option, dict):
            msg = "option must be a key or a list of keys"
            raise InvalidOptionError(msg, argument="option")
        if option is None or option == "":
            option = []
        keys = option if isinstance(option, list) else [option]
        self.options.delete_options(keys, cause=self.caller)
        return True
