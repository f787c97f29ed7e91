"""The results of a batch: how much they may take, and references to them in later commands."""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings

from django_user_options.conf import conf
from django_user_options.exceptions import OptionLimitError
from django_user_options.rest.refusals import (
    BatchTimeError,
    BodyTooLargeError,
    InvalidRequestError,
)
from django_user_options.rest.renderers import EnvelopeJSONRenderer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REFERENCE = re.compile(r"\$result((?:\[[^\[\]]*\])+)")


class Allowance:
    """What one batch may still take; what passes it is refused, and all that follows.

    The commands with what references put in may be as large as one body.
    """

    def __init__(self, commands: Mapping[str, Any], renderer: Any) -> None:
        self._ends_at = monotonic() + conf.max_batch_seconds
        self._renderer = renderer
        self._result_bytes = conf.max_batch_result_bytes
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self._parameter_bytes = self._result_bytes if limit is None else limit
        self._parameter_bytes -= sum(
            len(command.encode("utf-8", "surrogatepass"))
            for command in commands.values()
            if isinstance(command, str)
        )
        self._passed: Exception | None = None

    def check(self) -> None:
        """Refuse the next command if a limit has been passed."""
        if monotonic() >= self._ends_at:
            raise BatchTimeError
        if self._passed is None and self._result_bytes <= 0:
            self._passed = _too_large()
        if self._passed is not None:
            raise self._passed

    def spend_on_result(self, result: Any) -> None:
        """Count a result as it will be written; what a write answers is never withheld."""
        if isinstance(result, bool):
            return
        self._result_bytes -= self._renderer.size(result, self._result_bytes)
        if self._result_bytes < 0:
            self._passed = _too_large()
            raise self._passed

    def spend_on_reference(self, value: Any) -> None:
        """Count a value that is about to be put into a parameter."""
        # The renderer also knows dates, UUIDs and the like.
        self._parameter_bytes -= EnvelopeJSONRenderer().size(value, self._parameter_bytes)
        if self._parameter_bytes < 0:
            self._passed = BodyTooLargeError()
            raise self._passed


def _too_large() -> OptionLimitError:
    msg = "cmd: the results of one batch may have at most %(maximum)d bytes together"
    return OptionLimitError(msg, argument="cmd", maximum=conf.max_batch_result_bytes)


class References:
    """Replaces `$result[identifier][field]` in parameters, as data: never in names, never twice."""

    def __init__(self, results: Mapping[str, Any], spend: Callable[[Any], None]) -> None:
        """Take the results so far, and what to call with each value before it is put in."""
        self._results, self._spend = results, spend

    def replace_in(self, value: Any) -> Any:
        """Return the value with every reference in it replaced.

        Raises:
            InvalidRequestError: A reference names nothing.
        """
        if isinstance(value, dict):
            return {key: self.replace_in(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.replace_in(item) for item in value]
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return self._look_up(whole)
        return _REFERENCE.sub(lambda match: _as_text(self._look_up(match)), value)

    def _look_up(self, reference: re.Match[str]) -> Any:
        found: Any = self._results
        for step in reference[1][1:-1].split("]["):
            found = _step_into(found, step)
        # At once: many references to one large value must not be put together first.
        self._spend(found)
        return found


def _step_into(value: Any, step: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and re.fullmatch("[0-9]{1,9}", step) and int(step) < len(value):
        return value[int(step)]
    msg = "A $result reference names no result of an earlier command"
    raise InvalidRequestError(msg)


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
