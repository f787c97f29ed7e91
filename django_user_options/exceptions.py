"""What the option stores refuse, as errors that carry the facts.

Messages name the argument and the rule. They never contain an option's value.
"""

from __future__ import annotations

from typing import ClassVar


class UserOptionsError(Exception):
    """Base of every error that this package raises on purpose.

    Attributes:
        code: Which rule was broken, stable, for programs.
        argument: The argument at fault.
    """

    code: ClassVar[str]

    def __init__(self, message: str, *, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


class NothingToSaveError(UserOptionsError):
    """No option was given to save."""

    code = "nothing_to_save"

    def __init__(self) -> None:
        super().__init__("options is empty", argument="options")


class NoKeyGivenError(UserOptionsError):
    """No key was given to delete."""

    code = "no_key_given"

    def __init__(self) -> None:
        super().__init__("option is empty", argument="option")


class InvalidOptionError(UserOptionsError):
    """An argument, a key or a value has a type or a text that cannot be stored."""

    code = "invalid_option"


class OptionLimitError(UserOptionsError):
    """A limit was passed; nothing was written.

    Attributes:
        maximum: The limit, in the unit that the message names.
    """

    code = "option_limit"

    def __init__(self, message: str, *, argument: str, maximum: int) -> None:
        super().__init__(message, argument=argument)
        self.maximum = maximum


class OwnerGoneError(UserOptionsError):
    """The application or the user was deleted while the options were being written."""

    code = "owner_gone"

    def __init__(self) -> None:
        super().__init__("the owner of the options no longer exists", argument="owner")


class ImportLineError(UserOptionsError):
    """A line of an import cannot be imported; lines before it may have been.

    Attributes:
        line: Its number, from 1 on.
    """

    code = "import_line"

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(f"line {line}: {message}", argument="lines")
        self.line = line
