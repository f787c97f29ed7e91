"""The prover finds what it is to find, and nothing where all is well."""

from __future__ import annotations

from typing import Any

import pytest

from tests.load.verdict.ledger import ABSENT, Outcome, Write
from tests.load.verdict.verifier import find_problems

REFUSED, UNANSWERED = Outcome.REFUSED, Outcome.UNANSWERED


def acknowledged(start: float, answered: float, **states: Any) -> Write:
    return Write(states, start, answered, Outcome.ACKNOWLEDGED)


def unsure(start: float, outcome: Outcome = UNANSWERED, **states: Any) -> Write:
    return Write(states, start, None if outcome is UNANSWERED else start + 1, outcome)


def kinds(writes: list[Write], **stored: Any) -> list[str]:
    return [problem.kind for problem in find_problems(writes, stored)]


def test_what_was_acknowledged_and_is_there_is_no_problem() -> None:
    assert kinds([acknowledged(1, 2, a=1, b=None)], a=1, b=None) == []


def test_an_acknowledged_key_that_is_not_there_is_lost() -> None:
    writes = [acknowledged(1, 2, a=1), acknowledged(1, 2, b=2)]
    assert [tuple(each) for each in find_problems(writes, {"b": 2})] == [("lost", "a")]


def test_every_lost_key_is_named() -> None:
    writes = [acknowledged(n, n + 0.5, **{f"key {n}": n}) for n in range(100)]
    stored = {f"key {n}": n for n in range(100) if n not in (17, 71)}
    assert [problem.key for problem in find_problems(writes, stored)] == ["key 17", "key 71"]


def test_a_key_that_nobody_wrote_is_unknown() -> None:
    assert kinds([], a=1) == ["unknown"]


def test_a_value_that_nobody_wrote_is_unknown() -> None:
    assert kinds([acknowledged(1, 2, a=1)], a=2) == ["unknown"]


def test_an_older_value_than_the_acknowledged_one_is_stale() -> None:
    writes = [acknowledged(1, 2, a="old"), acknowledged(3, 4, a="new")]
    assert kinds(writes, a="old") == ["stale"]
    assert kinds(writes, a="new") == []


@pytest.mark.parametrize("found", ["one", "other"])
def test_of_two_writes_at_the_same_time_either_may_be_the_last(found: str) -> None:
    writes = [acknowledged(1, 3, a="one"), acknowledged(2, 4, a="other")]
    assert kinds(writes, a=found) == []


@pytest.mark.parametrize("outcome", [REFUSED, UNANSWERED])
def test_a_write_without_an_acknowledgement_may_take_effect_later_or_never(
    outcome: Outcome,
) -> None:
    writes = [unsure(1, outcome, a="unsure"), acknowledged(5, 6, a="sure")]
    assert kinds(writes, a="unsure") == []
    assert kinds(writes, a="sure") == []
    assert kinds(writes) == ["lost"]
    assert kinds(writes[:1]) == []


def test_a_deleted_key_may_come_back_only_by_a_write_that_was_not_over() -> None:
    before, at_once = acknowledged(1, 2, a=1), acknowledged(3, 5, a=2)
    delete = acknowledged(4, 6, a=ABSENT)
    assert kinds([before, at_once, delete]) == []
    assert kinds([before, at_once, delete], a=2) == []
    assert kinds([before, at_once, delete], a=1) == ["stale"]


def test_a_delete_does_not_excuse_what_was_set_after_it() -> None:
    assert kinds([acknowledged(1, 2, a=ABSENT), acknowledged(3, 4, a=1)]) == ["lost"]


def test_a_call_of_which_one_key_is_there_and_one_is_not_is_torn() -> None:
    assert kinds([unsure(1, a=1, b=1)], a=1) == ["torn"]
    assert kinds([unsure(1, a=1, b=1)], a=1, b=1) == []
    assert kinds([unsure(1, a=1, b=1)]) == []


def test_two_calls_that_each_overwrote_the_other_are_torn() -> None:
    writes = [acknowledged(1, 3, a=1, b=1), acknowledged(2, 4, a=2, b=2)]
    torn = find_problems(writes, {"a": 1, "b": 2})
    assert [tuple(each) for each in torn] == [("torn", "a, b")]
    assert kinds(writes, a=2, b=2) == []


def test_three_calls_in_a_circle_are_torn() -> None:
    writes = [
        acknowledged(1, 9, a=1, b=1),
        acknowledged(2, 9, b=2, c=2),
        acknowledged(3, 9, c=3, a=3),
    ]
    # b: the first came before the second; c: that before the third; a: that before the first.
    assert kinds(writes, a=1, b=2, c=3) == ["torn"]


def test_a_delete_beside_a_set_is_not_called_torn() -> None:
    writes = [acknowledged(1, 3, a=1, b=1), acknowledged(2, 4, a=ABSENT, b=ABSENT)]
    assert kinds(writes, b=1) == []


def test_a_value_that_two_writes_share_belongs_to_neither() -> None:
    writes = [unsure(1, a=1, b=1), unsure(1, a=1, b=2)]
    assert kinds(writes, a=1, b=2) == []


def test_on_a_cluster_a_delete_may_miss_what_another_node_set_but_not_what_its_own_did() -> None:
    mine = Write({"a": 1}, 1, 2, Outcome.ACKNOWLEDGED, writer="mine")
    other = Write({"a": 2}, 3, 4, Outcome.ACKNOWLEDGED, writer="other")
    delete = Write({"a": ABSENT}, 5, 6, Outcome.ACKNOWLEDGED, writer="other")

    def kinds_on_a_cluster(**stored: Any) -> list[str]:
        writes = [mine, other, delete]
        return [each.kind for each in find_problems(writes, stored, deletes_may_miss=True)]

    assert kinds_on_a_cluster() == []
    assert kinds_on_a_cluster(a=1) == kinds_on_a_cluster(a=2) == ["stale"]
    assert [each.kind for each in find_problems([mine, delete], {"a": 1})] == ["stale"]
    assert find_problems([mine, delete], {"a": 1}, deletes_may_miss=True) == []
