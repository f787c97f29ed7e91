"""One application floods the server while others call now and then; a limit on calls holds."""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connections

from tests.load.scenario import Scenario
from tests.load.servers import ADDRESS, WebServer
from tests.load.verdict.ledger import Outcome
from tests.load.writers import processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.load.stage import Stage

# As the README advises.
_LIMIT = "50 per 25 seconds"
_CONNECTIONS = 8
# The quiet ones take turns, so that none of them comes near the limit.
_QUIET, _QUIET_CALLS_A_SECOND = 40, 40
_SECONDS_OF_CALM = 5
# A process takes time and memory for what it imports and caches at its first calls.
_WARM_UP_SECONDS = 2
# The machine's other work may slow down either side for some seconds.
_ATTEMPTS = 3
_MOST_GROWTH = 8 * 1024 * 1024
_BODY = json.dumps({"options": {"theme": "dark", "zoom": 1.5}})


class _Flood:
    """A process that calls as often as it is told, while the block runs and for so long.

    It knows just enough HTTP to count answers by status, as a client that takes much CPU time
    would slow down the calls that are measured.
    """

    def __init__(self, port: int, tokens: Sequence[str], a_second: float, seconds: float) -> None:
        self.answers: Counter[int] = Counter()
        self._a_second, self._seconds = a_second, seconds
        self._queue: Any = processes.Queue()
        self._process = processes.Process(target=self._run, args=(port, tokens))

    def _run(self, port: int, tokens: Sequence[str]) -> None:
        calls = {socket.create_connection((ADDRESS, port)): _as_bytes(token) for token in tokens}
        idle, start, sent = list(calls), time.monotonic(), 0
        while (now := time.monotonic() - start) < self._seconds or len(idle) < len(calls):
            due = now * self._a_second - sent if now < self._seconds else 0
            while idle and due > 0:
                connection = idle.pop()
                connection.sendall(calls[connection])
                sent, due = sent + 1, due - 1
            for connection in select.select([*calls], [], [], 0.001)[0]:
                # The head and the body of an answer may arrive apart.
                answer = connection.recv(65_536)
                if answer.startswith(b"HTTP/"):
                    self.answers[int(answer[9:12])] += 1
                if answer.endswith(b"}"):
                    idle.append(connection)
        self._queue.put(self.answers)

    def __enter__(self) -> _Flood:
        connections.close_all()
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.answers = self._queue.get(timeout=60)
        self._process.join()


class _Quiet:
    """Calls of 40 applications, one after the other."""

    def __init__(self, port: int, tokens: Sequence[str]) -> None:
        self._connection = http.client.HTTPConnection(ADDRESS, port, timeout=30)
        self._tokens = tokens
        self.answers: Counter[int] = Counter()

    def slowest(self, seconds: float) -> float:
        """Call for so long, and return the 99th percentile of the seconds that a call took."""
        took, start = [], time.monotonic()
        while (now := time.monotonic() - start) < seconds:
            sent = time.perf_counter()
            token = self._tokens[len(took) % len(self._tokens)]
            self._connection.request("POST", *_call(token))
            response = self._connection.getresponse()
            response.read()
            took.append(time.perf_counter() - sent)
            self.answers[response.status] += 1
            time.sleep(max(0.0, len(took) / _QUIET_CALLS_A_SECOND - now))
        return sorted(took)[int(len(took) * 0.99)]


def _call(token: str) -> tuple[str, str, dict[str, str]]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return "/rest/user.option.set", _BODY, headers


def _as_bytes(token: str) -> bytes:
    path, body, headers = _call(token)
    sent = {"Host": ADDRESS, "Content-Length": str(len(body)), **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {text}" for name, text in sent.items())]
    return "\r\n".join([*lines, "", body]).encode()


def flood(stage: Stage) -> None:
    """Compare the slowest calls of quiet applications, in calm and during a flood."""
    capacity = _capacity(stage)
    quiet_tokens = [stage.owner().token for _ in range(_QUIET)]
    flooding = [stage.owner().token] * _CONNECTIONS
    limited = {**stage.webs[0].environment, "CALL_LIMIT": _LIMIT}
    with WebServer(stage.folder / "limited", processes=3, **limited) as web:
        quiet, seconds = _Quiet(web.port, quiet_tokens), stage.rounds(15, 120)
        quiet.slowest(_WARM_UP_SECONDS)
        calm = 0.0
        for _ in range(_ATTEMPTS):
            calm = max(calm, quiet.slowest(_SECONDS_OF_CALM))
            with _Flood(web.port, flooding, 2 * capacity, seconds) as load:
                quiet.slowest(_WARM_UP_SECONDS)
                before = _memory(web)
                flooded = quiet.slowest(seconds - _WARM_UP_SECONDS - 1)
                growth = _memory(web) - before
            stage.result.notes.append(
                f"{load.answers.total() / seconds:.0f} calls a second of {2 * capacity:.0f},"
                f" quiet p99 {calm * 1000:.0f} ms calm and {flooded * 1000:.0f} ms flooded,"
                f" memory {growth // 1024:+} KiB"
            )
            if flooded <= 2 * calm:
                break
        else:
            stage.complain("a flood made the quiet calls more than twice as slow")
    if growth > _MOST_GROWTH:
        stage.complain(f"the processes grew by {growth} bytes")
    if set(quiet.answers) != {200} or not set(load.answers) <= {200, 503}:
        stage.complain(f"answers {dict(quiet.answers)} and {dict(load.answers)}")
    stage.result.writers = _CONNECTIONS
    stage.result.outcomes[Outcome.ACKNOWLEDGED] += load.answers[200] + quiet.answers[200]
    stage.result.outcomes[Outcome.REFUSED] += load.answers[503]


def _capacity(stage: Stage) -> float:
    """Return how many calls a second the server answers without a limit."""
    tokens, seconds = [stage.owner().token for _ in range(_CONNECTIONS)], 3
    with _Flood(stage.webs[0].port, tokens, 1_000_000, seconds) as load:
        pass
    return load.answers.total() / seconds


def _memory(web: WebServer) -> int:
    """Return the bytes that the serving processes keep."""
    texts = (Path(f"/proc/{pid}/statm").read_text() for pid in web.workers())
    return sum(int(text.split()[1]) * 4096 for text in texts)


SCENARIOS = (Scenario(flood, doors=("REST",), only_if_named=True),)
