"""PostgreSQL, a replica that follows it, and PgBouncer in front of it."""

from __future__ import annotations

import contextlib
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cluster.servers import ADDRESS, Server, free_ports, own_folder, run_as

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "options"
_USER = "postgres"


class PostgreSQL(Server):
    """A server of its own, or the replica of one."""

    # Its processes leave the group, so that only itself can end them.
    ending = signal.SIGINT

    def __init__(self, folder: Path) -> None:
        [self.port] = free_ports(1)
        self.folder = own_folder(folder, _USER)
        self.data = folder / "data"
        settings = {
            "port": self.port,
            "listen_addresses": ADDRESS,
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
        }
        command: list[str | Path] = [_executable("postgres"), "-D", self.data]
        command += [f"--{name}={value}" for name, value in settings.items()]
        super().__init__(command, user=_USER, log=folder.parent / f"{folder.name}.log")

    def install(self) -> None:
        """Write an empty server."""
        options = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run_as(_USER, _executable("initdb"), "-D", self.data, "-U", "postgres", *options)

    def install_replica_of(self, primary: PostgreSQL) -> None:
        """Copy the primary, as a replica that follows it."""
        source = ("-h", ADDRESS, "-p", str(primary.port), "-U", "postgres")
        options = ("-R", "-X", "stream", "-c", "fast", "--no-sync")
        run_as(_USER, _executable("pg_basebackup"), *source, "-D", self.data, *options)

    def url(self, database: str = DATABASE) -> str:
        """Return the address of a database, as DATABASE_URL has it."""
        return f"postgres://postgres@{ADDRESS}:{self.port}/{database}"

    def query(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement outside of Django."""
        # Not above: the tests are collected where no driver is installed, too.
        import psycopg

        with contextlib.closing(
            psycopg.connect(self.url(database), autocommit=True, connect_timeout=2)
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def is_ready(self) -> bool:
        """Return whether it takes connections."""
        import psycopg

        try:
            return self.query("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False


class PgBouncer(PostgreSQL):
    """A pooler in transaction mode: each transaction may run on another connection."""

    ending = signal.SIGKILL

    def __init__(self, folder: Path, server: PostgreSQL, *, pool_size: int = 4) -> None:
        [self.port] = free_ports(1)
        own_folder(folder, _USER)
        users, settings = folder / "users.txt", folder / "pgbouncer.ini"
        users.write_text('"postgres" ""\n')
        settings.write_text(
            f"""\
[databases]
* = host={ADDRESS} port={server.port}
[pgbouncer]
listen_addr = {ADDRESS}
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 200
"""
        )
        command: list[str | Path] = [_executable("pgbouncer"), settings]
        Server.__init__(self, command, user=_USER, log=folder.parent / f"{folder.name}.log")


@contextlib.contextmanager
def postgresql_server(folder: Path) -> Iterator[PostgreSQL]:
    """Start a server with an empty database."""
    with PostgreSQL(folder / "primary") as server:
        server.install()
        server.start()
        server.wait()
        server.query(f"CREATE DATABASE {DATABASE}")
        yield server


@contextlib.contextmanager
def pooled_server(folder: Path) -> Iterator[PgBouncer]:
    """Start a server behind PgBouncer."""
    with postgresql_server(folder) as server, PgBouncer(folder / "pgbouncer", server) as pooler:
        pooler.start()
        pooler.wait()
        yield pooler


@contextlib.contextmanager
def replicated_server(folder: Path) -> Iterator[tuple[PostgreSQL, PostgreSQL]]:
    """Start a server and a replica that follows it."""
    with (
        postgresql_server(folder) as primary,
        PostgreSQL(folder / "replica") as replica,
    ):
        replica.install_replica_of(primary)
        replica.start()
        replica.wait()
        yield primary, replica


def _executable(name: str) -> str:
    # Debian keeps servers where PATH does not look, one folder for each version.
    versions = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    newest = sorted(versions, key=lambda path: int(Path(path).parent.name), reverse=True)
    found = shutil.which(name) or shutil.which(name, path=":".join([*newest, "/usr/sbin"]))
    assert found, f"{name} is not installed"
    return found
