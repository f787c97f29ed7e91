"""The results of a batch: their size limits, and references to them in later commands."""

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
    from collections.abc import Mapping

_REFERENCE = re.compile(r"\$result((?:\[[^\[\]]*\])+)")
_INDEX = re.compile("[0-9]{1,9}")


class Results:
    """The results so far, the bytes left for them and for references, and the time left.

    The commands, with references replaced, may be as large as one body.
    """

    def __init__(self, commands: Mapping[str, Any], renderer: Any) -> None:
        self.by_identifier: dict[str, Any] = {}
        self._ends_at = monotonic() + conf.max_batch_seconds
        self._renderer = renderer
        self._result_bytes = conf.max_batch_result_bytes
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        written = sum(
            len(command.encode("utf-8", "surrogatepass"))
            for command in commands.values()
            if isinstance(command, str)
        )
        self._parameter_bytes = max(0, (self._result_bytes if limit is None else limit) - written)

    def check(self) -> None:
        """Refuse the next command if a limit has been passed."""
        if monotonic() >= self._ends_at:
            raise BatchTimeError
        if self._result_bytes <= 0:
            raise self._too_large()
        if self._parameter_bytes < 0:
            raise BodyTooLargeError

    def add(self, identifier: str, result: Any, *, withhold: bool) -> None:
        """Keep a result and count its bytes as written; the answer to a write is never withheld."""
        if not isinstance(result, bool):
            self._result_bytes -= self._renderer.size(result)
            if withhold and self._result_bytes < 0:
                raise self._too_large()
        self.by_identifier[identifier] = result

    def replace_references(self, value: Any) -> Any:
        """Return a value with each `$result[identifier][field]` replaced by what it refers to.

        Results are data: they are never inserted into names or searched for references.

        Raises:
            InvalidRequestError: A reference does not match any result.
            BodyTooLargeError: The references of the batch take more bytes than a body may have.
        """
        if isinstance(value, dict):
            return {key: self.replace_references(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.replace_references(item) for item in value]
        whole = _REFERENCE.fullmatch(value)
        return self._look_up(whole) if whole else _REFERENCE.sub(self._text_of, value)

    def _text_of(self, reference: re.Match[str]) -> str:
        """Return a result as it appears inside a longer text: the way a form would send it."""
        found = self._look_up(reference)
        if isinstance(found, bool):
            return str(int(found))
        if found is None or isinstance(found, str):
            return found or ""
        if isinstance(found, int | float):
            return str(found)
        msg = "A $result reference inside a text must refer to a text or a number"
        raise InvalidRequestError(msg)

    def _look_up(self, reference: re.Match[str]) -> Any:
        found: Any = self.by_identifier
        for step in reference[1][1:-1].split("]["):
            if isinstance(found, dict) and step in found:
                found = found[step]
            elif isinstance(found, list) and _INDEX.fullmatch(step) and int(step) < len(found):
                found = found[int(step)]
            else:
                msg = "A $result reference does not match any earlier result"
                raise InvalidRequestError(msg)
        # Checked at once, so that many references to one large value are not joined first. This
        # renderer also supports dates, UUIDs and the like.
        self._parameter_bytes -= EnvelopeJSONRenderer().size(found)
        if self._parameter_bytes < 0:
            raise BodyTooLargeError
        return found

    def _too_large(self) -> OptionLimitError:
        msg = "cmd: the results of one batch may have at most %(maximum)d bytes together"
        maximum = conf.max_batch_result_bytes
        return OptionLimitError(
            msg,
            argument="cmd",
            limit="max_batch_result_bytes",
            maximum=maximum,
            current=maximum - self._result_bytes,
        )
