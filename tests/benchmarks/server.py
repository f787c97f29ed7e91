"""The host behind a real server: gunicorn, from the dependency group `benchmark`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 20


@dataclass(frozen=True)
class Setup:
    """How a server is run: workers, threads, and what its database settings differ in."""

    workers: int = 2
    threads: int = 2
    database: dict[str, Any] = field(default_factory=dict)
    python: str = sys.executable


@contextmanager
def serve(setup: Setup) -> Iterator[list[int]]:
    """Run the host on the database of this run and yield the port of each worker.

    Workers that share a port share connections by chance, and keep them: one of two may idle.
    """
    with ExitStack() as stack:
        yield [stack.enter_context(_worker(setup)) for _ in range(setup.workers)]


@contextmanager
def _worker(setup: Setup) -> Iterator[int]:
    port = _free_port()
    database = {"NAME": connection.settings_dict["NAME"], **setup.database}
    process = subprocess.Popen(
        [
            *(setup.python, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()"),
            *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
            *("--threads", str(setup.threads), "--keep-alive", "60"),
            *("--log-level", "warning", "--no-control-socket"),
        ],
        env={**os.environ, "BENCHMARK_DATABASE": json.dumps(database)},
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    msg = "gunicorn did not start; install the dependency group `benchmark`"
    raise RuntimeError(msg)
