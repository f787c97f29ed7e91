"""The example, or another project, in real processes; and curl commands sent to them."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent


class Answer(NamedTuple):
    status: int
    body: Any


def environment(database: Path) -> dict[str, str]:
    """Return the environment of a plain shell, without the settings of the tests."""
    return {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{database}"}


def manage(env: dict[str, str], *arguments: str, stdin: str = "") -> str:
    """Return what a management command of the example prints."""
    done = run_command(env, *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_command(
    env: dict[str, str], *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a management command of the example to its end, whether or not it succeeds."""
    command = [sys.executable, "-W", "error", "example_project/manage.py", *arguments]
    return run_to_its_end(command, env=env, stdin=stdin)


def run_to_its_end(
    command: Sequence[str],
    *,
    env: dict[str, str],
    cwd: Path = ROOT,
    stdin: str = "",
    seconds: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a command, whether or not it succeeds, and return its status and what it printed."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@contextlib.contextmanager
def demo_served(env: dict[str, str], port: str, log: Path, *options: str) -> Iterator[None]:
    """Serve the example on the port until the block ends."""
    ports = ["--port", port, "--app-port", free_port()]
    command = [sys.executable, "example_project/manage.py", "demo", *ports, *options]
    with served(command, port, cwd=ROOT, env=env, log=log):
        yield


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


@contextlib.contextmanager
def served(
    command: Sequence[str], port: str, *, cwd: Path, env: dict[str, str], log: Path
) -> Iterator[None]:
    """Run a server until the block ends; it starts when the port takes connections."""
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=output) as process,
    ):
        try:
            assert any(_answers(process, int(port)) for _ in range(2400)), log.read_text()
            yield
        finally:
            process.terminate()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=0.05)  # the pause before the next attempt
    return False


def fetch(address: str, **headers: str) -> str:
    request = Request(address, headers=headers)
    with build_opener(ProxyHandler({})).open(request, timeout=30) as response:
        return response.read().decode("utf-8", "replace")


def send(address: str, data: bytes | None = None, content_type: str = "") -> Answer:
    request = Request(address, data, {"Content-Type": content_type} if content_type else {})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=30) as response:
            return Answer(response.status, json.load(response))
    except HTTPError as error:
        with error:
            return Answer(error.code, json.load(error))


def post_json(address: str, body: dict[str, Any]) -> Answer:
    return send(address, json.dumps(body).encode(), "application/json")


def post_form(address: str, fields: dict[str, str]) -> Answer:
    return send(address, urlencode(fields).encode(), "application/x-www-form-urlencoded")


def run_curl(command: str) -> Any:
    """Return what a curl command answers, in a shell."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} --silent --show-error --noproxy '*'"],
        capture_output=True,
        timeout=30,
        check=True,
    )
    return json.loads(done.stdout)
