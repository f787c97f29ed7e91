"""What the option stores refuse, as errors that carry the facts.

Messages name the argument and the rule. They never contain an option's value.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


class UserOptionsError(Exception):
    """Base of every error that this package raises on purpose.

    As a string it is English, whoever reads it: so it stands in answers and logs.

    Args:
        message: Which rule was broken, with `%(argument)s` and the like for what it names.
        argument: The argument at fault.
        facts: What else the message names.

    Attributes:
        code: Which rule was broken, stable, for programs.
        argument: The argument at fault.
    """

    code: ClassVar[str]

    def __init__(self, message: str, *, argument: str, **facts: object) -> None:
        self._message = message
        self._facts = {"argument": argument, **facts}
        super().__init__(message % self._facts)
        self.argument = argument

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error be pickled whole, as task queues and parallel test runs do."""
        return Exception.__new__, (type(self), *self.args), vars(self)

    def translated(self) -> str:
        """Return the message in the language of the reader, if that is one of this package's."""
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
    """An argument, a key or a value has a type or a text that cannot be stored."""

    code = "invalid_option"


class OptionLimitError(UserOptionsError):
    """A limit was passed; nothing was written.

    Attributes:
        maximum: The limit, in the unit that the message names as `%(maximum)s`.
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
    """A line of an import cannot be imported; lines before it may have been.

    Attributes:
        line: Its number, from 1 on.
    """

    code = "import_line"

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__("line %(line)d: %(problem)s", argument="lines", line=line, problem=message)
        self.line = line
