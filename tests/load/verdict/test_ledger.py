"""A ledger says what was sent and told, also that of a writer that was killed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tests.load.verdict.ledger import ABSENT, Answer, Ledger, Outcome, read_ledger, tally

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "0.jsonl"


def test_what_was_noted_is_read(path: Path) -> None:
    with Ledger(path) as ledger:
        first = ledger.send({"a": ["ж", None]})
        second = ledger.send({}, deleted=["a", "b"])
        ledger.answer(second, Answer(Outcome.ACKNOWLEDGED))
        ledger.answer(first, Answer(Outcome.WRONG, "500"))
    one, other = read_ledger(path)
    assert (one.states, one.outcome, one.detail) == ({"a": ["ж", None]}, Outcome.WRONG, "500")
    assert (other.states, other.outcome) == ({"a": ABSENT, "b": ABSENT}, Outcome.ACKNOWLEDGED)
    assert other.acknowledged
    assert one.start <= other.start <= other.end < one.end == math.inf


def test_a_line_is_in_the_file_before_its_call_is_sent(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.send({"a": 1})
        [write] = read_ledger(path)
    assert write.outcome is Outcome.UNANSWERED
    assert write.end == math.inf


def test_a_line_that_was_cut_off_is_left_out(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.answer(ledger.send({"a": 1}), Answer(Outcome.ACKNOWLEDGED))
        ledger.send({"b": 1})
    path.write_text(path.read_text()[:-3])
    assert [write.states for write in read_ledger(path)] == [{"a": 1}]


def test_outcomes_are_counted(path: Path) -> None:
    with Ledger(path) as ledger:
        for outcome in (Outcome.REFUSED, Outcome.ACKNOWLEDGED, Outcome.REFUSED):
            ledger.answer(ledger.send({"a": 1}), Answer(outcome))
    counted = tally(read_ledger(path))
    assert counted == {Outcome.REFUSED: 2, Outcome.ACKNOWLEDGED: 1}
