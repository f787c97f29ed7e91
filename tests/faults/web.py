"""The host on a real WSGI server: several processes, several threads each."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.faults.servers import free_port, wait_until

if TYPE_CHECKING:
    from pathlib import Path

_LOGGED = re.compile(r"^(\w+) in a REST method$", re.MULTILINE)
# What a database says that cannot be reached, has no room, or was met by another writer.
_NO_BUGS = frozenset({"OperationalError", "InterfaceError"})

PROCESSES = 3
THREADS = 4


class WebServer:
    """gunicorn with the tests' host; `environment` is what its settings read beside the rest."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.log = folder / "web.log"
        self.environment = environment
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"),
                    *("--workers", str(PROCESSES), "--threads", str(THREADS)),
                    *("--log-level", "warning", "--preload"),
                    "django.core.wsgi:get_wsgi_application()",
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        wait_until(self._started, "the start of gunicorn")

    def _started(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            msg = f"gunicorn ended at once:\n{self.log.read_text()[-2000:]}"
            raise RuntimeError(msg)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0 and bool(self.workers())

    def workers(self) -> list[int]:
        """Return the ids of the processes that serve; they are the master's children."""
        assert self.process is not None
        listed = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(number) for number in listed.stdout.split()]

    def kill_worker(self) -> None:
        """SIGKILL one serving process; the master replaces it."""
        os.kill(self.workers()[0], signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL the master and all that serve, as a machine's end would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None

    def bugs_logged(self) -> list[str]:
        """Return what the host logged as its own bug, which a batch answers like a 503."""
        kinds = set(_LOGGED.findall(self.log.read_text())) - _NO_BUGS
        return [f"{kind} is in {self.log}" for kind in sorted(kinds)]
