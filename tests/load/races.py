"""Many writers of one owner at the same time, on servers that work."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections

from tests.load.doors import Command
from tests.load.scenario import Scenario
from tests.load.verdict.ledger import Outcome
from tests.load.verdict.verifier import Problem
from tests.load.writers import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.load.owners import Owner
    from tests.load.stage import Stage

_KEYS_OF_A_WRITER = 60
_COMMON_KEYS = [f"common {number}" for number in range(40)]


def witness(*numbers: int) -> str:
    """Return a key that one call sets and no other: what is lost stays to be seen at the end."""
    return f"witness {numbers}"


def _setting(keys: Sequence[str], writer: int, number: int) -> list[Command]:
    return [Command({key: [writer, number] for key in [*keys, witness(writer, number)]})]


def own_keys(writer: int, number: int) -> Sequence[Command]:
    """Set a key that no other writer touches, a new one at first and the same ones later."""
    return _setting([f"{writer}.{number % _KEYS_OF_A_WRITER}"], writer, number)


def common_keys(writer: int, number: int) -> Sequence[Command]:
    """Set ten of forty common keys, in an order of the writer's own."""
    return _setting(random.sample(_COMMON_KEYS, 10), writer, number)


def opposite_orders(writer: int, number: int) -> Sequence[Command]:
    """Set all of ten common keys, every other writer from behind."""
    keys = _COMMON_KEYS[9::-1] if writer % 2 else _COMMON_KEYS[:10]
    return _setting(keys, writer, number)


def one_new_key(writer: int, number: int) -> Sequence[Command]:
    """Be the first to set a key that nobody has set before."""
    return _setting([f"round {number}"], writer, number)


def set_or_delete(writer: int, number: int) -> Sequence[Command]:
    """Set some common keys; every fourth writer deletes some in every other call."""
    keys = random.sample(_COMMON_KEYS[:12], 4)
    if writer % 4 == 0 and number % 2:
        return [Command({}, deleted=[*keys, witness(writer, number - 1)])]
    return _setting(keys, writer, number)


def batch_or_set(writer: int, number: int) -> Sequence[Command]:
    """Set common keys, every other writer by three commands of one batch."""
    if writer % 2:
        return common_keys(writer, number)
    keys = random.sample(_COMMON_KEYS, 9)
    return [
        # A command's query is a form, whose values are strings.
        Command(dict.fromkeys([*keys[part::3], witness(writer, number, part)], f"{number}.{part}"))
        for part in range(3)
    ]


def set_or_count(writer: int, number: int) -> Sequence[Command]:
    """Set a key of the writer's own; every other writer counts in the same call."""
    [command] = own_keys(writer, number)
    return [command._replace(counted={"count": 1} if writer % 2 else {})]


def mixed(writer: int, number: int) -> Sequence[Command]:
    """Do what the writers of the plans above do, in turns."""
    plans = (own_keys, common_keys, opposite_orders, set_or_delete)
    return plans[number % len(plans)](writer, number)


def _race(plan: Any, *, in_step: bool = False, **rounds: int) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        owner = stage.owner()
        work = Work(plan, stage.rounds(**rounds), in_step=in_step)
        with stage.load(owner, work) as load:
            pass
        stage.judge(owner, load)

    play.__name__ = plan.__name__
    return play


def through_a_pooler(stage: Stage) -> None:
    """Do all of that where each transaction may run on another connection."""
    _race(mixed, short=25, long=150)(stage)
    if refused := stage.result.outcomes[Outcome.REFUSED]:
        stage.complain(f"{refused} calls refused")


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
    with stage.load(owner, Work(set_or_count, writers=4, pause=0.05)) as load:
        load.wait_for(20)
        failures = _delete(doomed)
        load.wait_for(4, Outcome.GONE)
    stage.result.notes += [f"the deletion was repeated {failures} times"] * bool(failures)
    writes = load.writes()
    left = [Problem("orphaned", key) for key in options.values_list("key", flat=True)]
    stage.result.count(writes, left)
    if any(write.outcome is Outcome.UNANSWERED for write in writes):
        stage.complain("a call got no answer while its owner was deleted")
    connections.close_all()


def _delete(doomed: Any) -> int:
    """Delete a record as a project would, again where a new option came in between."""
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
    Scenario(_race(own_keys, short=15, long=250), every_option=True),
    Scenario(_race(common_keys, short=10, long=100), every_option=True),
    Scenario(_race(opposite_orders, short=10, long=100), every_option=True),
    Scenario(_race(one_new_key, short=10, long=100, in_step=True), every_option=True),
    Scenario(_race(set_or_delete, short=10, long=100), every_option=True),
    Scenario(_race(batch_or_set, short=5, long=50), doors=("REST",)),
    Scenario(set_against_delete_of_the_user, every_option=True),
    Scenario(set_against_delete_of_the_application, every_option=True),
    Scenario(through_a_pooler, databases=("pgbouncer",), every_option=True),
]
