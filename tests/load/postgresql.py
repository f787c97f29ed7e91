"""PostgreSQL, a replica that follows it, and PgBouncer in front of it."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path
from typing import Any, ClassVar

from tests.load.servers import ADDRESS, Server, executable


class PostgreSQL(Server):
    """PostgreSQL as Debian or another system installs it."""

    account = "postgres"
    # "Fast" cuts the sessions off, "immediate" does not even close its files. Its processes
    # leave the group, so only the server itself can end them.
    ways_to_stop: ClassVar = {"fast": signal.SIGINT, "crash": signal.SIGQUIT}
    end = signal.SIGINT

    @property
    def url(self) -> str:
        return f"postgres://{self.account}@{ADDRESS}:{self.port}/postgres"

    @property
    def urls(self) -> list[str]:
        return [self.url]

    def install(self) -> None:
        self.run(
            *(_executable("initdb"), "-D", str(self.data), "-U", self.account, "-A", "trust"),
            # Small segments, for a small disk.
            *("-E", "UTF8", "--locale=C.UTF-8", "--wal-segsize=1", "--no-sync"),
        )

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": ADDRESS,
            "port": self.port,
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [_executable("postgres"), "-D", str(self.data), *options]

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement outside of Django."""
        # Not above: the tests are collected where no driver is installed, too.
        import psycopg

        url = self.url.replace("postgres:", "postgresql:", 1)
        with contextlib.closing(
            psycopg.connect(url, autocommit=True, connect_timeout=2)
        ) as connection:
            return connection.execute(statement.encode()).fetchall()

    def answers(self) -> bool:
        import psycopg

        try:
            return self.query("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def cut_connections(self) -> None:
        """End all sessions of others."""
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


class Replica(PostgreSQL):
    """A server that follows another."""

    def __init__(self, folder: Path, primary: PostgreSQL) -> None:
        super().__init__(folder)
        self.primary = primary

    def install(self) -> None:
        source = ("-h", ADDRESS, "-p", str(self.primary.port), "-U", self.account)
        options = ("-R", "-X", "stream", "-c", "fast", "--no-sync")
        self.run(_executable("pg_basebackup"), *source, "-D", str(self.data), *options)


class PgBouncer(PostgreSQL):
    """A server behind a pooler in transaction mode: each transaction may run elsewhere."""

    ways_to_stop = Server.ways_to_stop
    end = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = PostgreSQL(folder.with_name("pooled"))

    def install(self) -> None:
        self.server.start()
        (self.folder / "users.txt").write_text('"postgres" ""\n')
        (self.folder / "pgbouncer.ini").write_text(
            f"""\
[databases]
* = host={ADDRESS} port={self.server.port}
[pgbouncer]
listen_addr = {ADDRESS}
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {self.folder / "users.txt"}
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
"""
        )

    def command(self) -> list[str]:
        return [_executable("pgbouncer"), str(self.folder / "pgbouncer.ini")]

    def stop(self, way: str = "") -> None:
        super().stop(way)
        self.server.stop()


def _executable(name: str) -> str:
    # Debian keeps one folder for each version.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda at: int(at.parent.name))
    return executable(name, *map(str, reversed(versions)))
