"""The errors of this package.

A message names the argument and the rule. It never contains an option's value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

if TYPE_CHECKING:
    from collections.abc import Mapping


class UserOptionsError(Exception):
    """Base of every error that this package raises deliberately.

    `str(error)` is always English, as answers and logs need it.

    Args:
        message: The broken rule, with placeholders such as `%(argument)s`.
        argument: The argument at fault.
        facts: Values for the other placeholders.

    Attributes:
        code: The broken rule, as a stable code for programs.
        argument: The argument at fault.
        details: Further facts for programs, by name; REST returns them beside the text.
    """

    code: ClassVar[str]
    details: Mapping[str, Any] = {}

    def __init__(self, message: str, *, argument: str, **facts: object) -> None:
        self._message = message
        self._facts = {"argument": argument, **facts}
        super().__init__(message % self._facts)
        self.argument = argument

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the error with all attributes, for task queues and parallel test runs."""
        return Exception.__new__, (type(self), *self.args), vars(self)

    def translated(self) -> str:
        """Return the message in the active language, if this package is translated into it."""
        return gettext(self._message) % self._facts


class NothingToSaveError(UserOptionsError):
    """No option was given to save."""

    code = "nothing_to_save"

    def __init__(self) -> None:
        super().__init__(_("options is empty"), argument="options")


class NothingToUpdateError(UserOptionsError):
    """An update has nothing to set, remove or increment."""

    code = "nothing_to_update"

    def __init__(self) -> None:
        super().__init__(_("set, remove and increment are empty"), argument="set")


class NoKeyGivenError(UserOptionsError):
    """No key was given to delete."""

    code = "no_key_given"

    def __init__(self) -> None:
        super().__init__(_("option is empty"), argument="option")


class InvalidOptionError(UserOptionsError):
    """An argument, key or value has a type or text that cannot be stored."""

    code = "invalid_option"


class OptionLimitError(UserOptionsError):
    """A limit was exceeded; nothing was written.

    Attributes:
        limit: The setting that defines the limit, in lower case.
        maximum: The limit, in the unit that the message names after `%(maximum)s`.
        current: What the owner keeps now, in the same unit; if the limit is not one per owner, what
            the call, key or value has.
    """

    code = "option_limit"

    def __init__(
        self,
        message: str,
        *,
        argument: str,
        limit: str,
        maximum: int,
        current: int,
        **facts: object,
    ) -> None:
        super().__init__(message, argument=argument, maximum=maximum, **facts)
        self.limit, self.maximum, self.current = limit, maximum, current
        self.details = {"limit": limit, "maximum": maximum, "current": current}


class OptionConflictError(UserOptionsError):
    """Options are not in the state that the caller expected; nothing was written.

    Attributes:
        conflicts: The digest that each of these keys has now; None if the key does not exist.
    """

    code = "option_conflict"

    def __init__(self, conflicts: Mapping[str, str | None]) -> None:
        msg = _("if: these keys have changed, so read them again: %(keys)s")
        super().__init__(msg, argument="if", keys=", ".join(conflicts))
        self.conflicts = conflicts
        self.details = {"conflicts": conflicts}


class OwnerGoneError(UserOptionsError):
    """The application or the user was deleted while the options were being written."""

    code = "owner_gone"

    def __init__(self) -> None:
        super().__init__(_("the application or the user no longer exists"), argument="owner")


class ImportLineError(UserOptionsError):
    """A line cannot be imported; earlier lines may have been imported already.

    Attributes:
        line: The number of the line, starting at 1.
    """

    code = "import_line"

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__("line %(line)d: %(problem)s", argument="lines", line=line, problem=message)
        self.line = line
