"""Database servers of one's own, to be stopped, killed and cut off at will."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_TO_START = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def wait_until(ready: Callable[[], object], what: str, seconds: float = SECONDS_TO_START) -> None:
    """Ask again and again until `ready` says yes.

    Raises:
        TimeoutError: It did not in that time.
    """
    give_up_at = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > give_up_at:
            msg = f"{what} did not happen in {seconds:.0f} s"
            raise TimeoutError(msg)
        time.sleep(0.02)


class SQLite:
    """A file; there is no server to stop and no connection to cut."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'options.sqlite3'}"

    def start(self) -> None:
        """There is nothing to start."""

    def stop(self) -> None:
        """There is nothing to stop."""

    def revive(self) -> None:
        """There is nothing that may have died."""

    def check(self) -> None:
        """Raise AssertionError if the file is damaged."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchall() == [("ok",)]


class Server:
    """A server process with a port and a data folder of its own.

    Attributes:
        account: Whom the server runs as, where root may not run it.
        ways_to_stop: What a restart does to the process, by the name of the way.
    """

    name: ClassVar[str]
    account: ClassVar[str]
    ways_to_stop: ClassVar[dict[str, signal.Signals]]

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(folder, self.account)
        self.create()

    @property
    def url(self) -> str:
        raise NotImplementedError

    def create(self) -> None:
        """Fill the data folder."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Return the command that serves in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Return whether the server takes connections."""
        raise NotImplementedError

    def cut_connections(self) -> int:
        """End all connections of others and return how many there were."""
        raise NotImplementedError

    def check(self) -> None:
        """Look for damage, where that needs looking."""

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, **self._as_account
            )
        wait_until(self._started, f"the start of {self.name}")

    def _started(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            msg = f"{self.name} ended at once:\n{self.log.read_text()[-2000:]}"
            raise RuntimeError(msg)
        return self.answers()

    def stop(self, way: str = "fast") -> None:
        if self.process is not None:
            self.process.send_signal(self.ways_to_stop[way])
            self.process.wait(timeout=SECONDS_TO_START)
            self.process = None

    def revive(self) -> None:
        """Wait until it answers, and start it again if it ends by itself instead.

        A server that has met a full disk may take a while to end.
        """
        process = self.process
        if process is None:
            return
        wait_until(lambda: process.poll() is not None or self.answers(), "an answer or an end")
        if process.poll() is not None:
            self.start()

    def run(self, *command: str) -> str:
        """Run a command as the server's account and return what it printed."""
        finished = subprocess.run(
            command, **self._as_account, capture_output=True, text=True, check=False
        )
        if finished.returncode:
            raise RuntimeError(finished.stdout + finished.stderr)
        return finished.stdout

    @property
    def _as_account(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        return {"user": self.account, "group": self.account, "extra_groups": [], "cwd": "/"}


class PostgreSQL(Server):
    """PostgreSQL as Debian or another system installs it."""

    name = "PostgreSQL"
    account = "postgres"
    # Its own words: "fast" cuts the sessions off, "immediate" does not even close its files.
    ways_to_stop: ClassVar = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}

    @property
    def url(self) -> str:
        return f"postgres://{self.account}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        self.run(
            *(_postgresql("initdb"), "-D", str(self.data), "-U", self.account, "-A", "trust"),
            # Small segments, for a small disk.
            *("-E", "UTF8", "--locale=C", "--wal-segsize=1", "--no-sync"),
        )

    def command(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 100,
            "shared_buffers": "64MB",
        }
        settings = [part for name in options for part in ("-c", f"{name}={options[name]}")]
        return [_postgresql("postgres"), "-D", str(self.data), *settings]

    def answers(self) -> bool:
        import psycopg  # noqa: PLC0415

        try:
            with psycopg.connect(self.url.replace("postgres:", "postgresql:", 1)):
                return True
        except psycopg.OperationalError:
            return False

    def cut_connections(self) -> int:
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self.url.replace("postgres:", "postgresql:", 1)) as connection:
            cut = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return len(cut.fetchall())


def _postgresql(program: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(debian[-1]) if debian else program


class MariaDB(Server):
    """MariaDB as Debian or another system installs it."""

    name = "MariaDB"
    account = "mysql"
    ways_to_stop: ClassVar = {"fast": signal.SIGTERM, "immediate": signal.SIGKILL}

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/options"

    def create(self) -> None:
        self.run(
            *("mariadb-install-db", "--no-defaults", f"--datadir={self.data}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db"),
        )

    def command(self) -> list[str]:
        return [
            *("mariadbd", "--no-defaults", f"--datadir={self.data}", f"--port={self.port}"),
            *("--bind-address=127.0.0.1", f"--socket={self.data}/mariadb.sock"),
            *("--innodb-buffer-pool-size=64M", "--innodb-log-file-size=8M"),
            "--character-set-server=utf8mb4",
        ]

    def start(self) -> None:
        super().start()
        with self._connect() as cursor:
            cursor.execute("CREATE DATABASE IF NOT EXISTS options CHARACTER SET utf8mb4")

    def _connect(self) -> Any:
        import MySQLdb  # noqa: PLC0415

        return MySQLdb.connect(host="127.0.0.1", port=self.port, user="root").cursor()

    def answers(self) -> bool:
        import MySQLdb  # noqa: PLC0415

        try:
            self._connect()
        except MySQLdb.OperationalError:
            return False
        return True

    def cut_connections(self) -> int:
        with self._connect() as cursor:
            cursor.execute(
                "SELECT id FROM information_schema.processlist"
                " WHERE user = 'root' AND id <> connection_id()"
            )
            ids = [row[0] for row in cursor.fetchall()]
            for number in ids:
                # One that has ended by itself meanwhile is no loss.
                cursor.execute(
                    "BEGIN NOT ATOMIC"
                    " DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;"
                    f" KILL {number}; END"
                )
            return len(ids)


SERVERS: dict[str, Any] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "mariadb": MariaDB,
}
