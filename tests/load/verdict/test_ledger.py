"""A ledger says what was sent and told, also that of a writer that was killed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.load.verdict.ledger import ABSENT, Answer, Ledger, Outcome, read_ledger

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_noted_is_read(tmp_path: Path) -> None:
    path = tmp_path / "0.jsonl"
    with Ledger(path) as ledger:
        first = ledger.send({"a": ["ж", None]})
        second = ledger.send({}, deleted=["a", "b"])
        ledger.answer(second, Answer(Outcome.ACKNOWLEDGED))
        ledger.answer(first, Answer(Outcome.WRONG, "500"))
    one, other = read_ledger(path)
    assert (one.states, one.outcome, one.detail) == ({"a": ["ж", None]}, Outcome.WRONG, "500")
    assert (other.states, other.outcome) == ({"a": ABSENT, "b": ABSENT}, Outcome.ACKNOWLEDGED)
    assert one.start <= other.start <= other.end < one.end == math.inf


def test_a_line_is_there_before_its_call_is_sent_and_left_out_if_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "0.jsonl"
    with Ledger(path) as ledger:
        ledger.send({"a": 1})
        [write] = read_ledger(path)
        assert (write.outcome, write.end) == (Outcome.UNANSWERED, math.inf)
        ledger.send({"b": 1})
    path.write_text(path.read_text()[:-3])
    assert [write.states for write in read_ledger(path)] == [{"a": 1}]
