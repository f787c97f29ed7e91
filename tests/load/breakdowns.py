"""Servers and nodes that die, connections that break, disks that fill, all under load."""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import TYPE_CHECKING

from tests.load.disk import filled
from tests.load.doors import Command
from tests.load.races import mixed, own_keys
from tests.load.scenario import Scenario
from tests.load.servers import wait_until
from tests.load.verdict.ledger import Outcome
from tests.load.writers import WRITERS, Plan, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.load.mariadb import Node
    from tests.load.servers import Server
    from tests.load.stage import Stage

# So many acknowledged writes show that all is well again, and are the load before a fault.
_ENOUGH = 4 * WRITERS


def _breakdown(
    stage: Stage, breaks: Callable[[], object], *, times: int = 1, plan: Plan = own_keys
) -> None:
    """Break something under load, again and again; the load must get on each time."""
    stage.broken = True
    owner = stage.owner()
    with stage.load(owner, Work(plan)) as load:
        load.wait_for(_ENOUGH)
        for _ in range(times):
            breaks()
            load.wait_for(_ENOUGH * stage.rounds(1, 5))
    stage.judge(owner, load)


def server_process_killed(stage: Stage) -> None:
    """SIGKILL one of the web server's processes; its master starts another."""
    _breakdown(stage, stage.webs[0].kill_worker, times=stage.rounds(2, 10))


def web_server_killed(stage: Stage) -> None:
    """SIGKILL the whole web server, and start it again."""
    _breakdown(stage, partial(_restart, stage.webs[0], "crash"), times=stage.rounds(1, 3))


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
    _breakdown(stage, partial(_restart, stage.database, "fast"), times=stage.rounds(1, 3))


def database_crashed(stage: Stage) -> None:
    """Stop the database at once, before it can close a file, and start it again."""
    _breakdown(stage, partial(_restart, stage.database, "crash"), times=stage.rounds(1, 3))


def _restart(server: Server, way: str) -> None:
    server.stop(way)
    server.start()


def connections_cut(stage: Stage) -> None:
    """End every session of the database."""
    _breakdown(stage, stage.database.cut_connections, times=stage.rounds(3, 10))


def idle_connections_cut(stage: Stage) -> None:
    """End the sessions between calls: no call may notice, with CONN_HEALTH_CHECKS."""
    for cut in (lambda: None, stage.database.cut_connections):
        cut()
        owner = stage.owner()
        with stage.load(owner, Work(own_keys, rounds=10)) as load:
            pass
        stage.judge(owner, load)
    if refused := stage.result.outcomes[Outcome.REFUSED]:
        stage.complain(f"{refused} calls met a stale connection")


def disk_full(stage: Stage) -> None:
    """Fill the disk of the database under load, and make room again."""
    stage.broken = True
    for _ in range(stage.rounds(1, 3)):
        owner = stage.owner()
        with stage.load(owner, Work(large_values)) as load:
            load.wait_for(_ENOUGH)
            with filled(stage.disk):
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


def node_killed(stage: Stage) -> None:
    """SIGKILL each node of the cluster in turn; it comes back while the others go on."""
    nodes = stage.database.nodes
    for victim in nodes[2:] if stage.short else nodes:
        _breakdown(stage, partial(_kill_and_rejoin, stage, victim), plan=mixed)


def _kill_and_rejoin(stage: Stage, victim: Node) -> None:
    victim.stop()
    stage.database.wait_for([node for node in stage.database.nodes if node is not victim])
    start = time.monotonic()
    victim.start()
    stage.result.notes.append(f"a killed node was back after {time.monotonic() - start:.1f} s")


def quorum_lost(stage: Stage) -> None:
    """SIGKILL all nodes but one, which refuses to serve until an operator lets it."""
    _breakdown(stage, partial(_lose_and_regain_quorum, *stage.database.nodes), plan=mixed)


def _lose_and_regain_quorum(survivor: Node, *victims: Node) -> None:
    for victim in victims:
        victim.stop()
    wait_until(lambda: survivor.status("cluster_status") == "non-Primary", "loss of the quorum")
    time.sleep(2)
    survivor.query("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'")
    wait_until(survivor.answers, "service by one node")
    for victim in victims:
        victim.start()


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
    Scenario(disk_full, small_disk=True),
    Scenario(node_killed, databases=("galera",)),
    Scenario(quorum_lost, doors=("queryset",), databases=("galera",)),
]
