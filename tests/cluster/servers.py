"""Server processes of our own: in a temporary folder, on loopback, stopped whatever happens."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDRESS = "127.0.0.1"
_AS_ROOT = os.geteuid() == 0


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """Give a folder that is removed at the end, which SIGTERM brings as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="user-options-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)


def own_folder(path: Path, user: str) -> Path:
    """Make a folder for a server; where root runs this, it belongs to the server's user."""
    path.mkdir(mode=0o700)
    if _AS_ROOT:
        shutil.chown(path, user, user)
    return path


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server((ADDRESS, 0))) for _ in range(number)]
        return [opened.getsockname()[1] for opened in sockets]


def wait_until(condition: Callable[[], Any], what: str, *, seconds: float = 60) -> Any:
    """Return the condition's first true value.

    Raises:
        TimeoutError: It did not come true in time.
    """
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if found := condition():
            return found
        time.sleep(0.1)
    msg = f"{what}: not within {seconds} seconds"
    raise TimeoutError(msg)


def run_as(user: str, *command: str | Path) -> None:
    """Run a command to its end; as this user where root runs this, as servers refuse root."""
    finished = subprocess.run(
        command, capture_output=True, text=True, check=False, **_identity(user)
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def _identity(user: str) -> dict[str, Any]:
    outside = {"cwd": "/", "stdin": subprocess.DEVNULL}
    return outside | ({"user": user, "group": user, "extra_groups": []} if _AS_ROOT else {})


class Server:
    """One server process, ended with the block that it is used in."""

    # The folder goes, too, so nothing is worth an orderly end.
    ending = signal.SIGKILL

    def __init__(self, command: list[str | Path], *, user: str, log: Path) -> None:
        self.command, self.user, self.log = command, user, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        """Start it in a session of its own, which a Ctrl-C does not reach before we do."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, *arguments],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_identity(self.user),
            )

    def is_ready(self) -> bool:
        """Return whether it serves; subclasses ask it."""
        raise NotImplementedError

    def wait(self) -> None:
        """Return when it serves.

        Raises:
            RuntimeError: It ended instead.
            TimeoutError: It took too long.
        """
        wait_until(self._is_ready_or_gone, f"{self.command[0]} to serve", seconds=90)

    def _is_ready_or_gone(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(self.log.read_text(errors="replace")[-4000:])
        return self.is_ready()

    def end(self) -> None:
        """End it and what it started, and wait for that."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, self.ending)
        self.process.wait(timeout=30)
        self.process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
