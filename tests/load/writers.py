"""Writers: processes that call one after the other, and note everything in their ledgers."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from django.db import connections

from tests.load.doors import Command, Door
from tests.load.servers import wait_until
from tests.load.verdict.ledger import Answer, Ledger, Outcome, Write, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

WRITERS = 16
_PAUSE_AFTER_REFUSAL = 0.1
_SECONDS_TO_END = 300

# The parent is one thread without open connections, so a fork is safe, and cheap.
processes = multiprocessing.get_context("fork")

# What a writer sends in one call: its own number and that of the round.
Plan = Callable[[int, int], Sequence[Command]]


@dataclass(frozen=True)
class Work:
    """What writers do.

    Attributes:
        plan: The commands of each call.
        rounds: How many calls each writer makes; None until the load is told to stop.
        in_step: Whether the writers wait for each other before each round.
        pause: How long a writer rests at most after each call, in seconds.
    """

    plan: Plan
    rounds: int | None = None
    in_step: bool = False
    writers: int = WRITERS
    pause: float = 0.0


class Load:
    """Runs the writers, each at the next of the doors.

    Leaving the block waits for their end, or tells them to stop.
    """

    def __init__(self, folder: Path, doors: Sequence[Callable[[], Door]], work: Work) -> None:
        self.folder, self.doors, self.work = folder, doors, work
        self._together = processes.Barrier(work.writers)
        # Without locks, because a writer that is killed would keep the lock that it holds.
        self._stop = processes.RawValue("b", 0)
        self._counts = {outcome: processes.RawArray("l", work.writers) for outcome in Outcome}
        self._killed: set[int] = set()

    def __enter__(self) -> Self:
        self.folder.mkdir()
        for connection in connections.all():
            connection.close()
            if connection.vendor == "postgresql":
                connection.close_pool()
        self.writers: list[Any] = [
            processes.Process(target=self._write, args=(number,))
            for number in range(self.work.writers)
        ]
        for writer in self.writers:
            writer.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None or self.work.rounds is None:
            self._stop.value = 1
        give_up_at = time.monotonic() + _SECONDS_TO_END
        for writer in self.writers:
            writer.join(max(0.0, give_up_at - time.monotonic()))
        stuck = [writer for writer in self.writers if writer.is_alive()]
        for writer in stuck:
            writer.kill()
        failed = [
            number
            for number, writer in enumerate(self.writers)
            if writer.exitcode != 0 and number not in self._killed
        ]
        if stuck:
            msg = f"{len(stuck)} writers had no end after {_SECONDS_TO_END} s"
            raise TimeoutError(msg)
        if kind is None and failed:
            msg = f"the writers {failed} ended with an error, so that nothing is proven"
            raise RuntimeError(msg)

    def wait_for(self, writes: int, outcome: Outcome = Outcome.ACKNOWLEDGED) -> None:
        """Wait until so many more writes have had this outcome.

        Raises:
            TimeoutError: The writers do not get on.
        """
        counts = self._counts[outcome]
        goal = sum(counts) + writes
        wait_until(lambda: sum(counts) >= goal, f"{writes} more writes {outcome}")

    def kill_writer(self, number: int) -> None:
        """SIGKILL one writer, which may be in the middle of a call but has left the barrier."""
        counts = self._counts.values()
        wait_until(lambda: any(each[number] for each in counts), f"a write of writer {number}")
        self._killed.add(number)
        self.writers[number].kill()

    def writes(self) -> list[Write]:
        """Return what all ledgers say."""
        return [
            write for path in sorted(self.folder.glob("*.jsonl")) for write in read_ledger(path)
        ]

    def _write(self, writer: int) -> None:
        door = self.doors[writer % len(self.doors)]()
        rounds = count() if self.work.rounds is None else range(self.work.rounds)
        with Ledger(self.folder / f"{writer}.jsonl") as ledger:
            self._together.wait(timeout=60)
            for number in rounds:
                if self._stop.value:
                    break
                if self.work.in_step:
                    self._together.wait(timeout=60)
                answers = self._call(door, ledger, self.work.plan(writer, number))
                for answer in answers:
                    self._counts[answer.outcome][writer] += 1
                is_well = all(answer.outcome is Outcome.ACKNOWLEDGED for answer in answers)
                rest = random.uniform(0, self.work.pause) if is_well else _PAUSE_AFTER_REFUSAL
                time.sleep(rest)

    def _call(self, door: Door, ledger: Ledger, commands: Sequence[Command]) -> list[Answer]:
        numbers = [ledger.send(command.options, command.deleted) for command in commands]
        answers = door.send(commands)
        for number, answer in zip(numbers, answers, strict=True):
            ledger.answer(number, answer)
        return answers
