"""Many writers of one owner at the same time, on servers that work."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections

from tests.faults.doors import Command
from tests.faults.load import Work
from tests.faults.scenario import Scenario
from tests.faults.verdict.ledger import Outcome
from tests.faults.verdict.verifier import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.faults.stage import Owner, Stage

_KEYS_OF_A_WRITER = 60  # 16 writers stay below the 1,000 keys that one owner may keep
_COMMON_KEYS = [f"common {number}" for number in range(40)]


def own_keys(writer: int, number: int) -> Sequence[Command]:
    """Set two keys that no other writer touches, new ones at first and the same ones later."""
    pair = (2 * number % _KEYS_OF_A_WRITER, (2 * number + 1) % _KEYS_OF_A_WRITER)
    return [Command({f"{writer}.{key}": [writer, number, key] for key in pair})]


def common_keys(writer: int, number: int) -> Sequence[Command]:
    """Set ten of forty common keys, in an order of the writer's own."""
    keys = random.sample(_COMMON_KEYS, 10)
    return [Command({key: [writer, number] for key in keys})]


def opposite_orders(writer: int, number: int) -> Sequence[Command]:
    """Set all of ten common keys, every other writer from behind."""
    keys = _COMMON_KEYS[9::-1] if writer % 2 else _COMMON_KEYS[:10]
    return [Command({key: [writer, number] for key in keys})]


def one_new_key(writer: int, number: int) -> Sequence[Command]:
    """Be the first to set a key that nobody has set before."""
    return [Command({f"round {number}": writer})]


def set_or_delete(writer: int, number: int) -> Sequence[Command]:
    """Set some common keys; every fourth writer deletes some."""
    keys = random.sample(_COMMON_KEYS[:12], 4)
    if writer % 4 == 0:
        return [Command({}, deleted=keys)]
    return [Command({key: [writer, number] for key in keys})]


def batch_or_set(writer: int, number: int) -> Sequence[Command]:
    """Set common keys, every other writer by three commands of one batch."""
    if writer % 2:
        return common_keys(writer, number)
    return [
        # A command's query is a form, whose values are strings.
        Command(dict.fromkeys(random.sample(_COMMON_KEYS, 3), f"{writer} {number} {command}"))
        for command in range(3)
    ]


def _race(plan: Any, *, in_step: bool = False, **rounds: int) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        owner = stage.owner()
        work = Work(plan, stage.rounds(**rounds), in_step=in_step)
        with stage.load(owner, work) as load:
            pass
        stage.judge(owner, load)

    play.__name__ = plan.__name__
    return play


def set_against_delete_of_the_user(stage: Stage) -> None:
    """Delete users in the middle of writes for them; every other one owns the application."""
    for turn in range(stage.rounds(2, 10)):
        owner = stage.owner(headless=turn % 2 == 1)
        _delete_under_load(stage, owner, owner.user)


def set_against_delete_of_the_application(stage: Stage) -> None:
    """Delete applications in the middle of writes for them."""
    for _ in range(stage.rounds(2, 10)):
        owner = stage.owner()
        _delete_under_load(stage, owner, owner.application)


def _delete_under_load(stage: Stage, owner: Owner, doomed: Any) -> None:
    options = owner.options
    with stage.load(owner, Work(own_keys, writers=4, pause=0.05)) as load:
        load.wait_for(20)
        failures = _delete(doomed)
        load.wait_for(4, Outcome.GONE)
    stage.result.deletions_repeated += failures
    writes = load.writes()
    left = [Problem("orphaned", key) for key in options.values_list("key", flat=True)]
    stage.result.count(writes, left)
    if any(write.outcome is Outcome.UNANSWERED for write in writes):
        stage.complain("a call got no answer while its owner was deleted")
    connections.close_all()


def _delete(doomed: Any) -> int:
    """Delete a record as a host would, again where a new option came in between."""
    for failures in range(100):
        try:
            type(doomed).objects.get(pk=doomed.pk).delete()
        except DatabaseError:
            time.sleep(random.uniform(0, 0.02))
            continue
        return failures
    msg = "the owner could not be deleted"
    raise RuntimeError(msg)


SCENARIOS = [
    Scenario(_race(own_keys, short=15, long=250), isolated=True),
    Scenario(_race(common_keys, short=10, long=100), isolated=True),
    Scenario(_race(opposite_orders, short=10, long=100), isolated=True),
    Scenario(_race(one_new_key, short=10, long=100, in_step=True), isolated=True),
    Scenario(_race(set_or_delete, short=10, long=100), isolated=True),
    Scenario(_race(batch_or_set, short=5, long=50), doors=("REST",)),
    Scenario(set_against_delete_of_the_user, isolated=True),
    Scenario(set_against_delete_of_the_application, isolated=True),
]
