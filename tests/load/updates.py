"""Atomic updates by many writers of one owner, on servers that work."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from django.core.management import call_command

from tests.load.doors import LIST, Command
from tests.load.races import witness
from tests.load.scenario import DATABASES, Scenario
from tests.load.verdict.ledger import Outcome
from tests.load.writers import Work

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from tests.load.stage import Stage
    from tests.load.writers import Load

_COUNT = "count"
_KEYS = [f"common {number}" for number in range(8)]
# Every so many writers, one does not count.
_PLAIN = 4
_PURGED = [f"purged {number}" for number in range(8)]


def _counting(writer: int, number: int) -> Sequence[Command]:
    return [Command({witness(writer, number): number}, counted={_COUNT: 1})]


def _creating(writer: int, number: int) -> Sequence[Command]:
    key = f"round {number}"
    return [Command({key: [writer, number]}, expected={key: None})]


def _appending(writer: int, number: int) -> Sequence[Command]:
    return [Command({witness(writer, number): number}, appended=[writer, number])]


def _moving(writer: int, number: int) -> Sequence[Command]:
    """Set and remove the same keys in one change; every fourth writer only sets or deletes."""
    here, there, third = random.sample(_KEYS, 3)
    options = {there: [writer, number], witness(writer, number): number}
    if writer % _PLAIN:
        return [Command(options, deleted=[here, third], counted={_COUNT: 1})]
    return [Command({}, deleted=[here, there]) if number % 2 else Command(options)]


def _filling(writer: int, number: int) -> Sequence[Command]:
    key = random.choice(_PURGED)
    return [Command({key: 1, witness(writer, number): number}, counted={_COUNT: 1})]


def counts_at_once(stage: Stage) -> None:
    """Let all writers add 1 to one key."""
    _judge_count(stage, _play(stage, Work(_counting, stage.rounds(10, 100)), {_COUNT}))


def one_of_many_creates(stage: Stage) -> None:
    """Let all writers create the same key if it does not exist, key after key."""
    load, _stored = _play(stage, Work(_creating, stage.rounds(5, 50), in_step=True), frozenset())
    writes = load.writes()
    winners = [write for write in writes if write.outcome is Outcome.ACKNOWLEDGED]
    created = [key for write in winners for key in write.states]
    if len(created) != len({*created}):
        stage.complain("two writers were told that they created one key")


def elements_of_one_list(stage: Stage) -> None:
    """Let all writers append to one list by reading, comparing and writing."""
    load, stored = _play(stage, Work(_appending, stage.rounds(3, 25)), {LIST})
    elements = [tuple(element) for element in stored.get(LIST, [])]
    # An element is what its call's witness says.
    sent = {key: write for write in load.writes() for key in write.states}
    told = {key for key, write in sent.items() if write.outcome is Outcome.ACKNOWLEDGED}
    if missing := told.difference(witness(*element) for element in elements):
        stage.complain(f"{len(missing)} elements are lost")
    if len(elements) != len({*elements}):
        stage.complain("an element is there twice")


def keys_moved_at_once(stage: Stage) -> None:
    """Let writers set and remove common keys in one change, beside others that do one of both."""
    played = _play(stage, Work(_moving, stage.rounds(10, 100)), {_COUNT})
    _judge_count(stage, played, all_but_every=_PLAIN)


def updates_against_purges(stage: Stage) -> None:
    """Purge the keys that writers update, again and again."""
    owner = stage.owner()
    with stage.load(owner, Work(_filling, stage.rounds(10, 100))) as load:
        for _ in range(stage.rounds(5, 50)):
            words = ("purge", "options", "--key", "purged *", "--user-id", str(owner.user.pk))
            call_command("user_options", *words, verbosity=0)
    _judge_count(stage, (load, stage.judge(owner, load, apart={_COUNT, *_PURGED})))


def _play(stage: Stage, work: Work, apart: Set[str]) -> tuple[Load, dict[str, Any]]:
    owner = stage.owner()
    with stage.load(owner, work) as load:
        pass
    return load, stage.judge(owner, load, apart=apart)


def _judge_count(
    stage: Stage, played: tuple[Load, dict[str, Any]], *, all_but_every: int = 0
) -> None:
    """Compare the count with the calls that counted; a refused one may have counted, too."""
    load, stored = played
    counted = [
        write for write in load.writes() if not all_but_every or int(write.writer) % all_but_every
    ]
    told, found = sum(write.acknowledged for write in counted), stored.get(_COUNT, 0)
    if not told <= found <= len(counted):
        stage.complain(f"the count is {found} after {told} acknowledged calls of {len(counted)}")
    if told == len(counted):
        stage.result.notes.append(f"counted exactly {found:,}")


SCENARIOS = [
    # Where every conflict is an error of the database, too, appending by comparison takes too long.
    Scenario(play, databases=(*DATABASES, "galera"), every_option=play is not elements_of_one_list)
    for play in (
        counts_at_once,
        one_of_many_creates,
        elements_of_one_list,
        keys_moved_at_once,
        updates_against_purges,
    )
]
