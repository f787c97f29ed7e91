"""Server processes on loopback, in a temporary folder, ended whatever happens."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDRESS = "127.0.0.1"
ROOT = Path(__file__).parents[2]
_AS_ROOT = os.geteuid() == 0
_LOGGED = re.compile(r"^(\w+) in a REST method", re.MULTILINE)
# Raised when a database cannot be reached, has no room, or another writer got in the way.
_NO_BUGS = frozenset({"OperationalError", "InterfaceError"})


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server((ADDRESS, 0))) for _ in range(number)]
        return [opened.getsockname()[1] for opened in sockets]


def wait_until(ready: Callable[[], object], what: str, *, seconds: float = 90) -> None:
    """Ask again and again until the answer is yes.

    Raises:
        TimeoutError: It was not within that time.
    """
    give_up_at = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > give_up_at:
            msg = f"{what} did not happen in {seconds:.0f} s"
            raise TimeoutError(msg)
        time.sleep(0.02)


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """Give a folder that is removed at the end, also after SIGTERM."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="user-options-"))
    # Servers that run under another account must reach their data below it.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)


class Server:
    """A server process with a port and a data folder, running while the block does.

    Attributes:
        account: The account that it runs under when root starts it, as servers refuse root.
        ways_to_stop: The signal for each way in which a scenario stops it.
        end: The signal after the last scenario; the data goes, too, so it need not be gentle.
    """

    account: ClassVar[str] = ""
    ways_to_stop: ClassVar = {"fast": signal.SIGTERM, "crash": signal.SIGKILL}
    end: ClassVar = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        [self.port] = free_ports(1)
        self.folder, self.data = folder, folder / "data"
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def install(self) -> None:
        """Fill the data folder, which is empty."""

    def command(self) -> list[str]:
        """Return the command that serves in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Return whether the server serves."""
        raise NotImplementedError

    def start(self, *arguments: str) -> None:
        """Start the server in a session of its own, and return once it serves.

        Raises:
            RuntimeError: It ended instead.
        """
        if not self.folder.exists():
            for path in (self.folder, self.data):
                path.mkdir(mode=0o700)
                if self._identity:
                    shutil.chown(path, self.account, self.account)
            self.install()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command(), *arguments],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._identity,
            )
        wait_until(self._serves, f"the start of {self.log.stem}")

    def _serves(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(self.log.read_text(errors="replace")[-4000:])
        return self.answers()

    def stop(self, way: str = "") -> None:
        """End the server and what it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, self.ways_to_stop.get(way, self.end))
            self.process.wait(timeout=60)
            self.process = None

    def revive(self) -> None:
        """Wait until the server answers, or start it again if it ends by itself instead.

        A server that has met a full disk may take a while to end.
        """
        process = self.process
        if process is None:
            return
        wait_until(lambda: process.poll() is not None or self.answers(), "an answer or an end")
        if process.poll() is not None:
            self.start()

    def run(self, *command: str) -> None:
        """Run a command to its end, under the server's account."""
        finished = subprocess.run(
            command, capture_output=True, text=True, check=False, **self._identity
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr

    @property
    def _identity(self) -> dict[str, Any]:
        if not (self.account and _AS_ROOT):
            return {}
        return {"user": self.account, "group": self.account, "extra_groups": [], "cwd": "/"}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class WebServer(Server):
    """gunicorn with Django's application; `environment` is what its settings read besides."""

    def __init__(
        self,
        folder: Path,
        *,
        processes: int = 1,
        threads: int = 4,
        **environment: str,
    ) -> None:
        super().__init__(folder)
        self.processes, self.threads = processes, threads
        self.environment = environment

    def command(self) -> list[str]:
        return [
            *("env", *(f"{name}={value}" for name, value in self.environment.items())),
            *(sys.executable, "-m", "gunicorn", "--bind", f"{ADDRESS}:{self.port}"),
            *("--workers", str(self.processes), "--threads", str(self.threads)),
            *("--worker-class", "gthread", "--keep-alive", "60", "--no-control-socket"),
            *("--log-level", "warning", "--preload", "--chdir", str(ROOT)),
            "django.core.wsgi:get_wsgi_application()",
        ]

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((ADDRESS, self.port)) == 0 and bool(self.workers())

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

    def bugs_logged(self) -> list[str]:
        """Return what the project logged as its own bug; a batch answers those like a 503."""
        kinds = set(_LOGGED.findall(self.log.read_text())) - _NO_BUGS
        return [f"{kind} is in {self.log}" for kind in sorted(kinds)]


def executable(name: str, *folders: str) -> str:
    """Return the path of a program, also from folders where PATH does not look."""
    found = shutil.which(name) or shutil.which(name, path=":".join([*folders, "/usr/sbin"]))
    assert found, f"{name} is not installed"
    return found
