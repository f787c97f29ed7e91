"""`batch`: up to 50 commands in one call.

Source: apidocs.bitrix24.com, api-reference/how-to-call-rest-api/batch. Each command is atomic, but
the batch as a whole is not.
"""

from __future__ import annotations

import json
import re
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from django_user_options.exceptions import InvalidOptionError
from django_user_options.fields import JSONText
from django_user_options.rest.authentication import authenticate, find_token, without_tokens
from django_user_options.rest.brackets import FieldCount, as_object, parse_brackets
from django_user_options.rest.envelope import Page, Timing, refuse
from django_user_options.rest.methods.batch_results import Results
from django_user_options.rest.methods.rest_method import (
    TEXT,
    TIME_EXAMPLE,
    RestMethod,
    object_schema,
    register,
    registry,
)
from django_user_options.rest.parsers import Parameters, read_parameters
from django_user_options.rest.refusals import BatchTooLongError, NestedBatchError
from django_user_options.rest.throttle import count_call

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_COMMANDS = 50
# Each command beyond the 50 gets its own refusal, up to this number of answers.
_MAX_ANSWERS = 1_000
# How many seconds a batch continues with a credential that is revoked meanwhile.
_CREDENTIAL_SECONDS = 1

_SURROGATE = re.compile("[\ud800-\udfff]")
_SWITCH: Mapping[Any, bool] = {
    None: False, "": False, 0: False, "0": False, "false": False,
    1: True, "1": True, "true": True,
}  # fmt: skip
# The parts of the answer, and their contents by identifier.
_PARTS: Mapping[str, Any] = {
    "result": {},
    "result_error": {"$ref": "#/components/schemas/RestError"},
    "result_total": {"type": "integer"},
    "result_next": {"type": "integer"},
    "result_time": {"$ref": "#/components/schemas/RestTime"},
}
_EMPTY = {"type": "array", "items": {}, "maxItems": 0}


def _no_commands() -> InvalidOptionError:
    msg = "cmd must be an object or a list of method?query strings"
    return InvalidOptionError(msg, argument="cmd")


@register
class Batch(RestMethod):
    """Runs commands in order; later ones may use the results of earlier ones."""

    name = "batch"
    tag = _("Batch")
    summary = _("Run up to 50 commands in order")
    description = _(
        "Each command has the rights of this call and its own answer, even if others fail: "
        "results in `result`, refusals in `result_error`, both by identifier. Empty parts are "
        "`[]`. A batch inside a batch is refused, and so is each command beyond the limit."
    )
    parameters_schema: ClassVar = {
        "type": "object",
        "properties": {
            "cmd": {
                "description": _(
                    "Commands by identifiers of your choice: a method's name, and after `?` its "
                    "parameters as in a query. `$result[identifier]` in a parameter stands for "
                    "the result of an earlier command."
                ),
                "anyOf": [
                    {"type": "object", "additionalProperties": TEXT, "nullable": True},
                    {"type": "array", "items": TEXT},
                ],
                "example": {
                    "store": "user.option.set?options[data]=value",
                    "read": "user.option.get?option=data",
                },
            },
            "halt": {
                "description": _("Whether to stop at the first command that fails."),
                "anyOf": [
                    # Not `enum`: drf-spectacular's hook names enums, and warns about equal ones.
                    {"type": "string", "pattern": "^(0|1|false|true)?$", "nullable": True},
                    {"type": "boolean"},
                    {"type": "integer", "enum": [0, 1]},
                ],
                "example": "0",
            },
        },
    }
    result_schema = object_schema(
        **{
            part: {"anyOf": [{"type": "object", "additionalProperties": content}, _EMPTY]}
            for part, content in _PARTS.items()
        }
    )
    result_example: ClassVar = {
        "result": {"store": True, "read": "value"},
        "result_error": {
            "inner": {
                "error": "ERROR_BATCH_METHOD_NOT_ALLOWED",
                "error_description": "Method is not allowed for batch usage",
            }
        },
        "result_total": [],
        "result_next": [],
        "result_time": {"store": TIME_EXAMPLE, "read": TIME_EXAMPLE},
    }
    errors = (_no_commands, BatchTooLongError)

    def run(self) -> dict[str, Any]:
        commands, halt = self._commands(), self._halt()
        self._authenticated_at = monotonic()
        self._field_count = FieldCount()
        self._results = Results(commands, self.request.accepted_renderer)
        answers: dict[str, dict[str, Any]] = {part: {} for part in _PARTS}
        answers["result"] = self._results.by_identifier
        for number, (identifier, command) in enumerate(commands.items(), 1):
            try:
                if number > MAX_COMMANDS:
                    raise BatchTooLongError
                for part, content in self._run_command(number, identifier, command).items():
                    answers[f"result_{part}"][identifier] = content
            except Exception as error:  # noqa: BLE001  each command gets its own answer
                answers["result_error"][identifier] = refuse(error).body
                if halt:
                    break
        # PHP writes empty arrays as lists, and clients expect that.
        return {part: content or [] for part, content in answers.items()}

    def _commands(self) -> dict[str, Any]:
        commands = as_object(self.parameters.get("cmd"))
        if not isinstance(commands, dict) or _SURROGATE.search("".join(commands)):
            raise _no_commands()
        if len(commands) > _MAX_ANSWERS:
            raise BatchTooLongError
        return commands

    def _halt(self) -> bool:
        halt = self.parameters.get("halt")
        if isinstance(halt, str | int | None) and halt in _SWITCH:
            return _SWITCH[halt]
        msg = "halt must be 0, 1, true or false"
        raise InvalidOptionError(msg, argument="halt")

    def _run_command(self, number: int, identifier: str, command: Any) -> dict[str, Any]:
        """Run one command, keep its result, and return its place in a list and its time."""
        timing = Timing()
        self._results.check()
        self._authenticate_again()
        method = self._method(command)
        # The call of the batch itself has been counted, for its first command.
        if number > 1:
            count_call(self.caller, self.request._request, method.name)  # noqa: SLF001
        method.check_permissions()
        answer = method.run()
        page = answer if isinstance(answer, Page) else Page(answer)
        # Later commands may refer to the contents of a JSON text.
        stored = isinstance(page.result, JSONText)
        result = json.loads(page.result) if stored else page.result
        self._results.add(identifier, result, withhold=not method.writes)
        return {**page.position(), "time": timing.as_dict()}

    def _method(self, command: Any) -> RestMethod:
        if not isinstance(command, str):
            raise _no_commands()
        name, _, query = command.partition("?")
        method_class = registry.get(name.strip())
        if issubclass(method_class, Batch):
            raise NestedBatchError
        # A lone surrogate becomes invalid UTF-8, which the parser refuses.
        parameters = parse_brackets(query.encode("utf-8", "surrogatepass"), self._field_count)
        given = self._results.replace_references(without_tokens(parameters))
        return method_class(
            request=self.request, caller=self.caller, parameters=Parameters({}, given)
        )

    def _authenticate_again(self) -> None:
        """Notice if the credential is revoked, or its user loses rights, during the batch."""
        now = monotonic()
        if now - self._authenticated_at < _CREDENTIAL_SECONDS:
            return
        request = self.request._request  # noqa: SLF001
        captured = self.request.parser_context["kwargs"]
        webhook = {part: captured[part] for part in ("user_id", "secret") if part in captured}
        token = find_token(request, read_parameters(request))
        self.caller = authenticate(request, token, **webhook)
        self.request.user, self.request.auth = self.caller.user or AnonymousUser(), self.caller
        self._authenticated_at = now
