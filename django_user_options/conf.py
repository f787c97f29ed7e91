"""The one reader of this package's settings: the dict `USER_OPTIONS` of the host.

The dict is looked up once, and again when Django tells that a test has changed it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# The longest key that a column holds, in characters.
KEY_LENGTH = 255

DEFAULTS: Mapping[str, Any] = {
    "DIALECT": "documented",
    "REQUIRED_SCOPES": ["basic"],
    "REQUIRE_HTTPS": False,
    "TOKEN_IN_QUERY": True,
    "IS_ADMINISTRATOR": "django_user_options.rest.permissions.is_active_superuser",
    "ADMINISTRATOR_APPLICATIONS": [],
    "MAX_KEY_LENGTH": KEY_LENGTH,
    "MAX_VALUE_BYTES": 64 * 1024,
    "MAX_NESTING": 32,
    "MAX_KEYS_PER_CALL": 1_000,
    "MAX_KEYS_PER_OWNER": 1_000,
    "MAX_BYTES_PER_OWNER": 1024 * 1024,
    "MAX_BATCH_RESULT_BYTES": 4 * 1024 * 1024,
    "MAX_BATCH_SECONDS": 20,
    "MEMBER_ID": "",
    "ADMIN_EDITABLE": False,
}


DIALECTS = ("documented", "live")


class Conf:
    """Typed access to `USER_OPTIONS`, each setting with its default."""

    @cached_property
    def given(self) -> Mapping[str, Any]:
        """What the host wrote, unchecked.

        Looking for a setting that is not there takes Django 2 µs, and a call reads a dozen: 3 %.
        """
        return getattr(settings, "USER_OPTIONS", {})

    def _get(self, name: str) -> Any:
        return self.given.get(name, DEFAULTS[name])

    @property
    def dialect(self) -> str:
        """How refusals look: `documented`, or `live` as the vendor's server answers today."""
        return self._get("DIALECT")

    @property
    def required_scopes(self) -> Sequence[str]:
        """Scopes that a token or a webhook must hold; empty turns the check off."""
        return self._get("REQUIRED_SCOPES")

    @property
    def require_https(self) -> bool:
        """Whether a call over plain HTTP is refused."""
        return self._get("REQUIRE_HTTPS")

    @property
    def token_in_query(self) -> bool:
        """Whether an access token may stand in the query string."""
        return self._get("TOKEN_IN_QUERY")

    @property
    def is_administrator(self) -> Callable[[Any], bool]:
        """The rule that says whether a user is an administrator."""
        return import_string(self._get("IS_ADMINISTRATOR"))

    @property
    def administrator_applications(self) -> Sequence[str]:
        """Client ids whose client-credentials tokens may use administrator rights."""
        return self._get("ADMINISTRATOR_APPLICATIONS")

    @property
    def max_key_length(self) -> int:
        """Longest key that may be written, in characters."""
        return self._get("MAX_KEY_LENGTH")

    @property
    def max_value_bytes(self) -> int:
        """Largest value, in bytes of its JSON text."""
        return self._get("MAX_VALUE_BYTES")

    @property
    def max_nesting(self) -> int:
        """Deepest value, in containers around its innermost part."""
        return self._get("MAX_NESTING")

    @property
    def max_keys_per_call(self) -> int:
        """Most keys that one call may name."""
        return self._get("MAX_KEYS_PER_CALL")

    @property
    def max_keys_per_owner(self) -> int:
        """Most keys that one owner may keep."""
        return self._get("MAX_KEYS_PER_OWNER")

    @property
    def max_bytes_per_owner(self) -> int:
        """Most bytes of values that one owner may keep."""
        return self._get("MAX_BYTES_PER_OWNER")

    @property
    def max_batch_result_bytes(self) -> int:
        """Most bytes of JSON that the results of one batch may have together."""
        return self._get("MAX_BATCH_RESULT_BYTES")

    @property
    def max_batch_seconds(self) -> int:
        """Seconds after which no further command of a batch is run."""
        return self._get("MAX_BATCH_SECONDS")

    @property
    def member_id(self) -> str:
        """Stable id of this installation for SDKs; empty derives it from `SECRET_KEY`."""
        return self._get("MEMBER_ID")

    @property
    def admin_editable(self) -> bool:
        """Whether staff with Django's permissions may write options in the admin."""
        return self._get("ADMIN_EDITABLE")


conf = Conf()


@receiver(setting_changed)
def _look_up_again(*, setting: str, **_: object) -> None:
    if setting == "USER_OPTIONS":
        vars(conf).pop("given", None)
