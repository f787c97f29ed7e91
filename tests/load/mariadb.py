"""MariaDB, and a Galera cluster of it, whose nodes each take reads and writes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from tests.load.servers import ADDRESS, Server, executable, free_ports, wait_until

_LIBRARIES = "/usr/lib/galera", "/usr/lib64/galera", "/usr/lib64/galera-4"


class MariaDB(Server):
    """MariaDB as Debian or another system installs it."""

    account = "mysql"

    @property
    def url(self) -> str:
        return f"mysql://root@{ADDRESS}:{self.port}/options"

    @property
    def urls(self) -> list[str]:
        return [self.url]

    def install(self) -> None:
        self.run(
            *(executable("mariadb-install-db"), "--no-defaults", f"--datadir={self.data}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db"),
        )

    def options(self) -> dict[str, Any]:
        """Return the server's options."""
        return {
            "datadir": self.data,
            "socket": self.data / "mariadb.sock",
            "pid-file": self.data / "pid",
            "bind-address": ADDRESS,
            "port": self.port,
            "skip-name-resolve": "ON",
            "innodb-buffer-pool-size": "64M",
            "innodb-log-file-size": "8M",
            "character-set-server": "utf8mb4",
        }

    def command(self) -> list[str]:
        options = [f"--{name}={value}" for name, value in self.options().items()]
        return [executable("mariadbd"), "--no-defaults", *options]

    def start(self, *arguments: str) -> None:
        super().start(*arguments)
        self.query("CREATE DATABASE IF NOT EXISTS options CHARACTER SET utf8mb4")

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement outside of Django."""
        import MySQLdb

        with contextlib.closing(
            MySQLdb.connect(host=ADDRESS, port=self.port, user="root", connect_timeout=2)
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall())

    def answers(self) -> bool:
        import MySQLdb

        try:
            return bool(self.query("SELECT 1"))
        except MySQLdb.OperationalError:
            return False

    def cut_connections(self) -> None:
        """End all sessions of others."""
        sessions = self.query(
            "SELECT id FROM information_schema.processlist"
            " WHERE user = 'root' AND id <> connection_id()"
        )
        for (number,) in sessions:
            # One that has ended by itself meanwhile is no loss.
            self.query(
                f"BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1094 BEGIN END; KILL {number}; END"
            )


class Node(MariaDB):
    """One node of a cluster."""

    def __init__(self, folder: Path, ports: list[int], peers: list[int]) -> None:
        super().__init__(folder)
        self.port, self.group, self.incremental, self.transfer = ports
        self.peers = peers

    def install(self) -> None:
        """Write the system tables of the first node; the others get them from it."""
        if self.group == self.peers[0]:
            super().install()

    def options(self) -> dict[str, Any]:
        incremental = f"{ADDRESS}:{self.incremental}"
        return super().options() | {
            "binlog-format": "ROW",
            "innodb-autoinc-lock-mode": 2,
            "wsrep-on": "ON",
            "wsrep-provider": next(
                library
                for library in (Path(folder, "libgalera_smm.so") for folder in _LIBRARIES)
                if library.exists()
            ),
            "wsrep-cluster-name": "user-options",
            "wsrep-cluster-address": "gcomm://"
            + ",".join(f"{ADDRESS}:{peer}" for peer in self.peers),
            "wsrep-node-name": self.folder.name,
            "wsrep-node-address": f"{ADDRESS}:{self.group}",
            "wsrep-sst-method": "rsync",
            "wsrep-sst-receive-address": f"{ADDRESS}:{self.transfer}",
            "wsrep-provider-options": f"gmcast.listen_addr=tcp://{ADDRESS}:{self.group}"
            f";ist.recv_addr={incremental};ist.recv_bind={incremental}",
        }

    def status(self, name: str) -> str:
        """Return one of Galera's counters and states, nothing where the node is down."""
        import MySQLdb

        try:
            return dict(self.query(f"SHOW STATUS LIKE 'wsrep_{name}'")).get(f"wsrep_{name}", "")
        except MySQLdb.OperationalError:
            return ""

    def answers(self) -> bool:
        """Return whether the node holds what the others hold, and takes writes."""
        return self.status("local_state_comment") == "Synced" and self.status("ready") == "ON"


class Galera:
    """A cluster of three nodes."""

    def __init__(self, folder: Path) -> None:
        free = free_ports(12)
        ports = [free[start : start + 4] for start in (0, 4, 8)]
        peers = [group for _, group, _, _ in ports]
        self.nodes = [
            Node(folder.with_name(f"node{number}"), own, peers)
            for number, own in enumerate(ports, 1)
        ]

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def __enter__(self) -> Galera:
        self.nodes[0].start("--wsrep-new-cluster")
        for node in self.nodes[1:]:
            node.start()
        self.wait_for(self.nodes)
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.stop()

    def wait_for(self, nodes: list[Node]) -> None:
        """Wait until these nodes, and no others, are the cluster."""
        for node in nodes:
            wait_until(
                lambda node=node: node.status("cluster_size") == str(len(nodes)) and node.answers(),
                f"a cluster of {len(nodes)}",
            )
