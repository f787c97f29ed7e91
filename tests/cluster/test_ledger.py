"""The account by which the scripts judge a cluster finds each kind of loss."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cluster.ledger import Ledger, losses


def account(*calls: tuple[bool, dict[str, Any]]) -> Ledger:
    ledger = Ledger({}, [])
    for acknowledged, states in calls:
        (ledger.acknowledge if acknowledged else ledger.doubt)(states)
    return ledger


FIRST = account((True, {"a": 1, "b": 1}), (True, {"a": 2}), (False, {"a": 3}), (False, {"c": 3}))
SECOND = account((True, {"a": "x"}), (True, {"d": None}))
STORED = {"a": 2, "b": 1}


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(STORED, id="all acknowledged"),
        pytest.param({**STORED, "a": 3}, id="a failed call was carried out"),
        pytest.param({**STORED, "c": 3}, id="a failed call wrote a new key"),
        pytest.param({**STORED, "a": "x"}, id="the other writer was last"),
    ],
)
def test_what_the_writers_were_told_explains_the_state(stored: dict[str, Any]) -> None:
    assert losses([FIRST, SECOND], stored) == []


@pytest.mark.parametrize(
    ("stored", "lost"),
    [
        pytest.param({"a": 2}, ["b"], id="an acknowledged key is missing"),
        pytest.param({**STORED, "a": 1}, ["a"], id="an acknowledged value was undone"),
        pytest.param({**STORED, "b": 9}, ["b"], id="a value that nobody wrote"),
        pytest.param({**STORED, "d": 0}, ["d"], id="a deleted key is back"),
        pytest.param({**STORED, "e": 0}, ["e"], id="a key that nobody wrote"),
        pytest.param({}, ["a", "b"], id="everything is missing"),
    ],
)
def test_a_loss_is_found(stored: dict[str, Any], lost: list[str]) -> None:
    assert losses([FIRST, SECOND], stored) == lost


@pytest.mark.parametrize("state", [2, 3])
def test_a_writer_knows_what_it_may_have_left(state: int) -> None:
    assert FIRST.explains("a", state)


@pytest.mark.parametrize(("key", "state"), [("a", 1), ("a", None), ("b", None), ("e", 0)])
def test_a_writer_knows_what_it_cannot_have_left(key: str, state: int | None) -> None:
    assert not FIRST.explains(key, state)


def test_what_a_writer_never_touched_is_not_there() -> None:
    assert FIRST.explains("e", None)


def test_an_account_survives_its_way_between_processes() -> None:
    assert losses([Ledger(**json.loads(json.dumps(FIRST.as_dict())))], STORED) == []
