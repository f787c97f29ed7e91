"""Writers on a Galera cluster whose nodes are killed: is anything lost that was acknowledged?

    python -m tests.cluster.galera [--short]

Needs MariaDB's server, Galera 4 and rsync on the machine; starts a cluster of its own and
removes it. Ends with 1 where something was lost.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from tests.cluster.load import Load, as_markdown, prepare_host, writers
from tests.cluster.mariadb import Node, galera_cluster, wait_for_size
from tests.cluster.servers import wait_until, workplace

if TYPE_CHECKING:
    from collections.abc import Callable

WAYS = ["queryset", "queryset", "queryset", "rest"]


def kill_and_rejoin(nodes: list[Node], victim: Node) -> float:
    """Kill a node, let it come back, and return how many seconds that took."""
    others = [node for node in nodes if node is not victim]
    victim.end()
    wait_for_size(others, len(others))
    start = time.monotonic()
    victim.start()
    victim.wait()
    return time.monotonic() - start


def lose_and_regain_quorum(nodes: list[Node]) -> None:
    """Kill all nodes but one, which then refuses to serve until an operator says it may."""
    survivor, *victims = nodes
    for victim in victims:
        victim.end()
    wait_until(lambda: survivor.status("cluster_status") == "non-Primary", "loss of the quorum")
    time.sleep(2)
    survivor.query("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'")
    survivor.wait()
    for victim in victims:
        victim.start()
        victim.wait()


def put_under_load(nodes: list[Node], issued: dict[str, str], *, short: bool) -> tuple[Load, str]:
    """Let writers write at every node while nodes are killed."""
    quiet = 3 if short else 30
    with writers([node.url for node in nodes], WAYS, issued) as load:
        time.sleep(quiet)
        rejoined = []
        for victim in nodes[2:] if short else nodes:
            rejoined.append(kill_and_rejoin(nodes, victim))
            time.sleep(quiet)
        if not short:
            lose_and_regain_quorum(nodes)
            time.sleep(quiet)
    return load, ", ".join(f"{seconds:.1f} s" for seconds in rejoined)


def rows_of_each_node() -> list[list[tuple[Any, ...]]]:
    """Return what each node holds, once it has applied all that was acknowledged."""
    from django.db import connections

    from django_user_options.models import AppUserOption

    fields = "pk", "application", "user", "key", "value", "size", "updated_at"
    # Those to the killed nodes are dead.
    connections.close_all()
    rows = []
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SET SESSION wsrep_sync_wait = 1")
        rows.append(list(AppUserOption.objects.using(alias).order_by("pk").values_list(*fields)))
    return rows


def stale_reads(sync_wait: int, *, rounds: int) -> str:
    """Count how often a node does not know yet what another has just acknowledged."""
    from django.db import connections
    from oauth2_provider.models import AccessToken

    from django_user_options.models import AppUserOption

    token = AccessToken.objects.select_related("application", "user").get()
    options = AppUserOption.objects.for_owner(token.application, token.user)
    with connections["node2"].cursor() as cursor:
        cursor.execute(f"SET SESSION wsrep_sync_wait = {sync_wait}")
    stale, reading = 0, 0.0
    for n in range(rounds):
        options.using("default").set_options({"probe": n})
        start = time.perf_counter()
        stale += options.using("node2").get_option("probe") != n
        reading += time.perf_counter() - start
    options.using("default").delete_options(["probe"])
    return f"{stale:,} of {rounds:,}, {1000 * reading / rounds:.2f} ms each"


def run(*, short: bool, provider: str, tell: Callable[[str], object]) -> bool:
    """Run it all, tell the figures, and return whether nothing was lost."""
    start = time.monotonic()
    with workplace() as folder, galera_cluster(folder, provider=provider) as nodes:
        issued = prepare_host([node.url for node in nodes])
        load, rejoined = put_under_load(nodes, issued, short=short)
        first, *others = rows_of_each_node()
        lost = load.losses({key: value for _, _, _, key, value, _, _ in first})
        differing = sum(rows != first for rows in others)
        figures = load.table() | {
            "back after being killed": rejoined,
            "rows on each node": f"{len(first):,}",
            "nodes that differ": str(differing),
            "lost": str(len(lost)),
        }
        for sync_wait in (0, 1):
            name = f"stale reads on another node, wsrep_sync_wait={sync_wait}"
            figures[name] = stale_reads(sync_wait, rounds=200 if short else 1_500)
    figures["seconds in all"] = f"{time.monotonic() - start:.0f}"
    tell(as_markdown(figures))
    return not lost and not differing


def main(arguments: list[str]) -> int:
    """Read the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.cluster.galera")
    parser.add_argument("--short", action="store_true", help="one killed node, about a minute")
    parser.add_argument("--provider", default="", help="further wsrep_provider_options")
    given = parser.parse_args(arguments)
    return 0 if run(short=given.short, provider=given.provider, tell=print) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
