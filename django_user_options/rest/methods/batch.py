"""`batch`: up to 50 commands in one call.

Source: apidocs.bitrix24.com, api-reference/how-to-call-rest-api/batch. Each command is atomic
by itself, the batch as a whole is not.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings

from django_user_options.conf import conf
from django_user_options.exceptions import InvalidOptionError, OptionLimitError
from django_user_options.fields import JSONText
from django_user_options.rest.brackets import parse_brackets
from django_user_options.rest.envelope import Timing, refuse
from django_user_options.rest.methods.base import RestMethod
from django_user_options.rest.methods.registry import register, registry
from django_user_options.rest.parsers import Parameters, as_object
from django_user_options.rest.refusals import (
    BatchTooLongError,
    BodyTooLargeError,
    InvalidRequestError,
    NestedBatchError,
)
from django_user_options.rest.renderers import EnvelopeJSONRenderer

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_COMMANDS = 50
# Each command beyond the 50 gets its own refusal, but not without end.
_MAX_ANSWERS = 1_000

_REFERENCE = re.compile(r"\$result((?:\[[^\[\]]*\])+)")
_SWITCH: Mapping[Any, bool] = {
    None: False, "": False, 0: False, "0": False, "false": False,
    1: True, "1": True, "true": True,
}  # fmt: skip


@register
class Batch(RestMethod):
    """Runs commands in order; later ones may use the results of earlier ones."""

    name = "batch"

    def run(self) -> dict[str, Any]:
        """Run `cmd`, and with `halt` stop at the first command that fails."""
        commands, halt = self._commands(), self._halt()
        if len(commands) > _MAX_ANSWERS:
            raise BatchTooLongError
        results: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        times: dict[str, Any] = {}
        budget = _Budget()
        for number, (identifier, command) in enumerate(commands.items(), 1):
            timing = Timing()
            try:
                if number > MAX_COMMANDS:
                    raise BatchTooLongError
                budget.check()
                result = self._run_command(command, results)
                budget.spend(result)
                results[identifier] = result
                times[identifier] = timing.as_dict()
            except Exception as error:  # noqa: BLE001
                errors[identifier] = refuse(error).body
                if halt:
                    break
        # PHP writes empty arrays as lists, and clients expect them so.
        return {
            "result": results or [],
            "result_error": errors or [],
            "result_total": [],
            "result_next": [],
            "result_time": times or [],
        }

    def _commands(self) -> dict[str, Any]:
        commands = as_object(self.parameters.get("cmd"))
        if isinstance(commands, dict) and _is_text("".join(commands)):
            return commands
        raise _no_commands()

    def _halt(self) -> bool:
        halt = self.parameters.get("halt")
        if isinstance(halt, str | int | None) and halt in _SWITCH:
            return _SWITCH[halt]
        msg = "halt must be 0, 1, true or false"
        raise InvalidOptionError(msg, argument="halt")

    def _run_command(self, command: Any, results: Mapping[str, Any]) -> Any:
        if not isinstance(command, str):
            raise _no_commands()
        name, _, query = command.partition("?")
        method_class = registry.get(name.strip())
        if issubclass(method_class, Batch):
            raise NestedBatchError
        # A lone surrogate becomes bytes that are no UTF-8, which the parser refuses.
        parameters = parse_brackets(query.encode("utf-8", "surrogatepass"))
        method = method_class(
            request=self.request,
            caller=self.caller,
            parameters=Parameters.of_command(_References(results, command).resolve(parameters)),
        )
        method.check_permissions()
        result = method.run()
        # Later commands may refer to what is in it.
        return json.loads(result) if isinstance(result, JSONText) else result


def _no_commands() -> InvalidOptionError:
    msg = "cmd must be an object or a list of method?query strings"
    return InvalidOptionError(msg, argument="cmd")


class _Budget:
    """The bytes that the results of one batch may still take."""

    def __init__(self) -> None:
        self.left = self.maximum = conf.max_batch_result_bytes

    def check(self) -> None:
        if self.left <= 0:
            raise self._error()

    def spend(self, result: Any) -> None:
        # What a write answers is never withheld: it has been done.
        if isinstance(result, bool):
            return
        size = _json_size(result)
        if size > self.left:
            raise self._error()
        self.left -= size

    def _error(self) -> OptionLimitError:
        msg = "cmd: the results of one batch may have at most %(maximum)d bytes together"
        return OptionLimitError(msg, argument="cmd", maximum=self.maximum)


class _References:
    """Replaces the references in one command's parameters, as data: never in names, never twice."""

    def __init__(self, results: Mapping[str, Any], command: str) -> None:
        self.results = results
        self.left = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or sys.maxsize) - len(command.encode())

    def resolve(self, value: Any) -> Any:
        """Return the value with every reference in it replaced.

        Raises:
            BodyTooLargeError: What was put in passes the limit of a body.
            InvalidRequestError: A reference names nothing.
        """
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return self._look_up(whole)
        return _REFERENCE.sub(lambda match: _as_text(self._look_up(match)), value)

    def _look_up(self, reference: re.Match[str]) -> Any:
        found: Any = self.results
        for step in reference[1][1:-1].split("]["):
            found = _step_into(found, step)
        # Counted at once: many references to one large value must not be put together first.
        self.left -= _json_size(found)
        if self.left < 0:
            raise BodyTooLargeError
        return found


def _step_into(value: Any, step: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and re.fullmatch("[0-9]{1,9}", step) and int(step) < len(value):
        return value[int(step)]
    msg = "A $result reference names no result of an earlier command"
    raise InvalidRequestError(msg)


def _json_size(value: Any) -> int:
    # By the renderer, which also knows what is no JSON by itself: dates, UUIDs.
    return len(EnvelopeJSONRenderer().render(value))


def _is_text(text: str) -> bool:
    """Return whether the text has a UTF-8 form, which a lone surrogate has not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_text(value: Any) -> str:
    """Return how a result reads inside a longer text: as a form would have carried it."""
    if isinstance(value, bool):
        return str(int(value))
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int | float):
        return str(value)
    msg = "A $result reference inside a text must name a text or a number"
    raise InvalidRequestError(msg)
