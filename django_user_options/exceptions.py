"""The errors of this package.

A message names the argument and the rule. It never contains an option's value.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


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
    """

    code: ClassVar[str]

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
        maximum: The limit, in the unit that the message names after `%(maximum)s`.
    """

    code = "option_limit"

    def __init__(self, message: str, *, argument: str, maximum: int, **facts: object) -> None:
        super().__init__(message, argument=argument, maximum=maximum, **facts)
        self.maximum = maximum


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
