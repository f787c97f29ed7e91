"""What each writer sent and what it was told, in files that outlive the writer."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


class Outcome(StrEnum):
    """What a writer was told of one write."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"  # 503 with Retry-After, or the error that REST answers so
    UNANSWERED = "unanswered"  # the connection broke, or the writer died
    CONFLICT = "conflict"  # 409: a condition of an update did not hold
    GONE = "gone"  # the owner has been deleted
    WRONG = "wrong"  # anything else


# The state of a key that is not stored.
ABSENT = object()


@dataclass(frozen=True, eq=False)
class Write:
    """One `set` or `delete` of one owner's keys.

    Attributes:
        states: What it leaves behind for each of its keys, ABSENT where it deletes.
        start: When it was sent; one clock for all processes.
        answered: When the answer came, None without one.
        detail: The answer, where it was a wrong one, or the reason of a refusal.
        writer: Who sent it.
    """

    states: Mapping[str, Any]
    start: float
    answered: float | None = None
    outcome: Outcome = Outcome.UNANSWERED
    detail: str = ""
    writer: str = ""

    @property
    def acknowledged(self) -> bool:
        return self.outcome is Outcome.ACKNOWLEDGED

    @property
    def end(self) -> float:
        """When it had taken effect; unknown if it was not acknowledged."""
        return self.answered if self.acknowledged and self.answered is not None else math.inf


class Answer(NamedTuple):
    """What a writer was told, and why."""

    outcome: Outcome
    detail: str = ""


class Ledger:
    """The file of one writer. A line is written before a call is sent, another one after."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def send(self, options: Mapping[str, Any], deleted: Iterable[str] = ()) -> int:
        """Note what is about to be sent and return the number of that write."""
        self._number += 1
        self._note([self._number, time.monotonic(), options, list(deleted)])
        return self._number

    def answer(self, number: int, answer: Answer) -> None:
        """Note what was told about a write."""
        self._note([number, time.monotonic(), *answer])

    def _note(self, line: list[Any]) -> None:
        self._file.write(json.dumps(line) + "\n")


def read_ledger(path: Path) -> Iterator[Write]:
    """Return the writes of one file; a writer that was killed may have cut its last line."""
    sent: dict[int, Write] = {}
    for line in path.read_text().splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        number, moment, first, second = json.loads(line)
        if isinstance(first, dict):
            states = {**first, **dict.fromkeys(second, ABSENT)}
            sent[number] = Write(states, moment, writer=path.stem)
        else:
            answer = {"answered": moment, "outcome": Outcome(first), "detail": second}
            sent[number] = replace(sent[number], **answer)
    yield from sent.values()
