"""A Galera cluster: MariaDB's nodes, each of which takes reads and writes."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import MySQLdb

from tests.cluster.servers import ADDRESS, Server, free_ports, own_folder, run_as, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "options"
_USER = "mysql"
_PROVIDERS = "/usr/lib/galera", "/usr/lib64/galera", "/usr/lib64/galera-4"


class Node(Server):
    """One node of the cluster."""

    def __init__(self, folder: Path, ports: list[int], peers: list[int], provider: str) -> None:
        self.port, group, incremental, transfer = ports
        self.url = f"mysql://root@{ADDRESS}:{self.port}/{DATABASE}"
        self.data = own_folder(own_folder(folder, _USER) / "data", _USER)
        own = f"{ADDRESS}:{incremental}"
        options = {
            "datadir": self.data,
            "socket": folder / "socket",
            "pid-file": folder / "pid",
            "bind-address": ADDRESS,
            "port": self.port,
            "skip-name-resolve": "ON",
            "binlog-format": "ROW",
            "innodb-autoinc-lock-mode": 2,
            "wsrep-on": "ON",
            "wsrep-provider": _provider(),
            "wsrep-cluster-name": "user-options",
            "wsrep-cluster-address": "gcomm://" + ",".join(f"{ADDRESS}:{peer}" for peer in peers),
            "wsrep-node-name": folder.name,
            "wsrep-node-address": f"{ADDRESS}:{group}",
            "wsrep-sst-method": "rsync",
            "wsrep-sst-receive-address": f"{ADDRESS}:{transfer}",
            "wsrep-provider-options": f"gmcast.listen_addr=tcp://{ADDRESS}:{group}"
            f";ist.recv_addr={own};ist.recv_bind={own};{provider}",
        }
        command = [_executable("mariadbd"), "--no-defaults"]
        command += [f"--{name}={value}" for name, value in options.items()]
        super().__init__(command, user=_USER, log=folder.parent / f"{folder.name}.log")

    def install(self) -> None:
        """Write the system tables; a node that joins gets them from another."""
        run_as(
            _USER,
            _executable("mariadb-install-db"),
            "--no-defaults",
            f"--datadir={self.data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement outside of Django."""
        with contextlib.closing(
            MySQLdb.connect(host=ADDRESS, port=self.port, user="root", connect_timeout=2)
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall())

    def status(self, name: str) -> str:
        """Return one of Galera's own counters and states, nothing where the node is down."""
        try:
            return dict(self.query(f"SHOW STATUS LIKE 'wsrep_{name}'")).get(f"wsrep_{name}", "")
        except MySQLdb.OperationalError:
            return ""

    def is_ready(self) -> bool:
        """Return whether it holds what the others hold, and takes writes."""
        return self.status("local_state_comment") == "Synced" and self.status("ready") == "ON"


@contextlib.contextmanager
def galera_cluster(folder: Path, *, nodes: int = 3, provider: str = "") -> Iterator[list[Node]]:
    """Start a cluster; `provider` holds further options of Galera's own."""
    free = free_ports(4 * nodes)
    ports = [free[start : start + 4] for start in range(0, len(free), 4)]
    peers = [group for _, group, _, _ in ports]
    with contextlib.ExitStack() as stack:
        cluster = [
            stack.enter_context(Node(folder / f"node{number}", own, peers, provider))
            for number, own in enumerate(ports, 1)
        ]
        first, *others = cluster
        first.install()
        first.start("--wsrep-new-cluster")
        first.wait()
        first.query(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        for node in others:
            node.start()
            node.wait()
        wait_for_size(cluster, nodes)
        yield cluster


def wait_for_size(nodes: list[Node], size: int) -> None:
    """Return when each of the nodes sees that many in the cluster."""
    for node in nodes:
        wait_until(
            lambda node=node: node.status("cluster_size") == str(size) and node.is_ready(),
            f"a cluster of {size}",
        )


def _executable(name: str) -> str:
    # Debian keeps servers where a plain user's PATH does not look.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is not installed"
    return found


def _provider() -> Path:
    return next(path for path in (Path(p, "libgalera_smm.so") for p in _PROVIDERS) if path.exists())
