"""Servers that die, connections that break, disks that fill, all under load."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.faults.doors import Command
from tests.faults.load import WRITERS, Work
from tests.faults.races import own_keys
from tests.faults.scenario import Scenario
from tests.faults.verdict.ledger import Outcome, tally
from tests.faults.web import PROCESSES, THREADS, WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.faults.stage import Stage

# So many acknowledged writes show that all is well again, and are the load before a fault.
_ENOUGH = 4 * WRITERS


def _breakdown(stage: Stage, breaks: Callable[[], object], *, times: int) -> None:
    """Break something under load, again and again; the load must get on each time."""
    stage.broken = True
    owner = stage.owner()
    with stage.load(owner, Work(own_keys)) as load:
        load.wait_for(_ENOUGH)
        for _ in range(times):
            breaks()
            load.wait_for(_ENOUGH * stage.rounds(1, 5))
    stage.judge(owner, load)


def server_process_killed(stage: Stage) -> None:
    """SIGKILL one of the web server's processes; its master starts another."""
    _breakdown(stage, stage.web.kill_worker, times=stage.rounds(2, 10))


def web_server_killed(stage: Stage) -> None:
    """SIGKILL the whole web server, and start it again."""

    def breaks() -> None:
        stage.web.kill()
        stage.web.start()

    _breakdown(stage, breaks, times=stage.rounds(1, 3))


def writers_killed(stage: Stage) -> None:
    """SIGKILL half of the writers, each wherever it is in a call of the queryset."""
    stage.broken = True
    owner = stage.owner()
    with stage.load(owner, Work(own_keys)) as load:
        for number in range(WRITERS // 2):
            load.wait_for(_ENOUGH * stage.rounds(1, 5) // 4)
            load.kill_writer(number)
        load.wait_for(_ENOUGH)
    stage.judge(owner, load)


def database_restarted(stage: Stage) -> None:
    """Stop the database as an administrator would, and start it again."""
    _restart(stage, "fast")


def database_crashed(stage: Stage) -> None:
    """Stop the database at once, without its closing a file, and start it again."""
    _restart(stage, "immediate")


def _restart(stage: Stage, way: str) -> None:
    def breaks() -> None:
        stage.database.stop(way)
        stage.database.start()

    _breakdown(stage, breaks, times=stage.rounds(1, 3))


def connections_cut(stage: Stage) -> None:
    """End every session of the database."""
    _breakdown(stage, stage.database.cut_connections, times=stage.rounds(3, 10))


def idle_connections_cut(stage: Stage) -> None:
    """End the sessions between calls: no call may notice."""
    if refused := _calls_refused_after_a_cut(stage, stage.web):
        stage.complain(f"{refused} calls met a stale connection")


def idle_cut_without_health_checks(stage: Stage) -> None:
    """The same in a host without CONN_HEALTH_CHECKS: each connection answers 503 once."""
    careless = WebServer(stage.folder, FAULTS_HEALTH_CHECKS="off")
    careless.start()
    try:
        refused = _calls_refused_after_a_cut(stage, careless)
    finally:
        careless.kill()
    if not 0 < refused <= PROCESSES * THREADS:
        stage.complain(f"{refused} calls refused for {PROCESSES * THREADS} connections")


def _calls_refused_after_a_cut(stage: Stage, web: WebServer) -> int:
    owner, calling = stage.owner(), replace(stage, web=web)
    with calling.load(owner, Work(own_keys, rounds=10)) as load:
        pass
    stage.judge(owner, load)
    stage.database.cut_connections()
    with calling.load(owner, Work(own_keys, rounds=10)) as load:
        pass
    stage.judge(owner, load)
    return tally(load.writes())[Outcome.REFUSED]


def disk_full(stage: Stage) -> None:
    """Fill the disk of the database under load, and make room again."""
    stage.broken = True
    for _ in range(stage.rounds(1, 3)):
        owner = stage.owner()
        with stage.load(owner, Work(large_values)) as load:
            load.wait_for(_ENOUGH)
            with stage.disk.filled():
                load.wait_for(WRITERS, Outcome.REFUSED)
            stage.database.revive()
            load.wait_for(_ENOUGH)
        stage.judge(owner, load)


def large_values(writer: int, number: int) -> Sequence[Command]:
    """Set the keys of `own_keys` to values that make files grow."""
    padding = secrets.token_hex(8 * 1024)
    return [
        Command({key: [*value, padding] for key, value in command.options.items()})
        for command in own_keys(writer, number)
    ]


_SERVERS = ("postgresql", "mariadb")
_REST = ("REST",)

SCENARIOS = [
    Scenario(server_process_killed, doors=_REST),
    Scenario(web_server_killed, doors=_REST),
    Scenario(writers_killed, doors=("queryset",)),
    Scenario(database_restarted, databases=_SERVERS),
    Scenario(database_crashed, databases=_SERVERS),
    Scenario(connections_cut, databases=_SERVERS),
    Scenario(idle_connections_cut, doors=_REST, databases=_SERVERS),
    Scenario(idle_cut_without_health_checks, doors=_REST, databases=_SERVERS),
    Scenario(disk_full, small_disk=True),
]
