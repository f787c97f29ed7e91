"""The only reader of this package's settings: the dict `USER_OPTIONS` of the project."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The longest key that a column holds, in characters.
KEY_LENGTH = 255

DIALECTS = ("documented", "live")

# Where limits are counted unless the project names a Redis.
MEMORY = "memory://"
CALL_LIMITS = ("CALL_LIMIT", "CLIENT_FAILURE_LIMIT", "FAILURE_LIMIT")

DEFAULTS: dict[str, Any] = {}

_Value = TypeVar("_Value")


class _Setting(Generic[_Value]):
    """One key of `USER_OPTIONS`, read at each access."""

    def __init__(self, default: _Value) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = name.upper()
        DEFAULTS[self._key] = self._default

    def __get__(self, conf: Conf, owner: type | None = None) -> _Value:
        return conf.given.get(self._key, self._default)


class Conf:
    """Typed access to `USER_OPTIONS`; each attribute is a setting with its default."""

    @cached_property
    def given(self) -> Mapping[str, Any]:
        """The project's settings, unchecked.

        Cached because a project may not define the dict. Django needs 2 µs to find that out, and a
        write reads six settings: together, 5% of its time.
        """
        return getattr(settings, "USER_OPTIONS", {})

    @property
    def limits(self) -> dict[str, int | None]:
        """The limits, by the names of their settings in lower case; None for one that is off."""
        names = (key.lower() for key in DEFAULTS if key.startswith("MAX_"))
        return {name: getattr(self, name) for name in names}

    dialect = _Setting("documented")
    """How refusals look: `documented`, or `live` as the vendor's server answers today."""

    required_scopes: _Setting[Sequence[str]] = _Setting(["basic"])
    """Scopes that a token or a webhook must have; an empty list turns the check off."""

    read_scope = _Setting("")
    """An additional scope for reading options; empty means none."""

    write_scope = _Setting("")
    """An additional scope for writing and deleting options; empty means none."""

    administrator_scope = _Setting("")
    """A scope without which no credential has administrator rights; empty means none."""

    access_rule = _Setting("")
    """Dotted path of the function that says whether a user may use an application."""

    require_https = _Setting(False)  # noqa: FBT003
    """Whether a call over plain HTTP is refused."""

    token_in_query = _Setting(True)  # noqa: FBT003
    """Whether the query string may contain an access token."""

    is_administrator = _Setting("django_user_options.rest.permissions.is_active_superuser")
    """Dotted path of the function that says whether a user is an administrator."""

    administrator_applications: _Setting[Sequence[str]] = _Setting([])
    """Client ids whose client-credentials tokens may use administrator rights."""

    max_key_length = _Setting(KEY_LENGTH)
    """Longest key that may be written, in characters."""

    max_value_bytes = _Setting(64 * 1024)
    """Largest value, in bytes of its JSON text."""

    max_nesting = _Setting(32)
    """Deepest value, in containers around its innermost part."""

    max_keys_per_call = _Setting(1_000)
    """Most keys that one call may name."""

    max_keys_per_owner = _Setting(1_000)
    """Most keys that one owner may keep."""

    max_bytes_per_owner = _Setting(1024 * 1024)
    """Most bytes of values that one owner may keep."""

    max_keys_per_user: _Setting[int | None] = _Setting(None)
    """Most keys that all applications together may keep for one user; None means any number."""

    max_bytes_per_user: _Setting[int | None] = _Setting(None)
    """Most bytes of values for the same."""

    max_keys_per_application: _Setting[int | None] = _Setting(None)
    """Most keys that one application may keep for all of its users; None means any number."""

    max_bytes_per_application: _Setting[int | None] = _Setting(None)
    """Most bytes of values for the same."""

    max_batch_result_bytes = _Setting(4 * 1024 * 1024)
    """Most bytes of JSON that the results of one batch may have together."""

    max_batch_seconds = _Setting(20)
    """Seconds after which a batch runs no further command."""

    call_limit = _Setting("")
    """Calls that one application and user may make; empty turns the limit off."""

    failure_limit = _Setting("100 per 10 minutes")
    """Refused credentials from one address; empty turns the limit off."""

    client_failure_limit = _Setting("1000 per 10 minutes")
    """Refused credentials of one client id or webhook owner; empty turns the limit off."""

    throttle_storage = _Setting(MEMORY)
    """Where these are counted: in each process, or in the Redis of this URL."""

    member_id = _Setting("")
    """Stable id of this installation for SDKs; empty derives it from `SECRET_KEY`."""

    webhook_lifetime_days: _Setting[int | None] = _Setting(None)
    """Days after which a new webhook expires; None means never."""

    admin_editable = _Setting(False)  # noqa: FBT003
    """Whether staff with Django's permissions may write options in the admin."""


conf = Conf()


@receiver(setting_changed)
def _forget_cached(*, setting: str, **_: object) -> None:
    if setting == "USER_OPTIONS":
        vars(conf).pop("given", None)
