"""Calls over open connections, as many in a second as asked for or as the server answers.

It knows just enough HTTP to count answers by status, as a client that takes much CPU time would
slow down the calls that are measured.
"""

from __future__ import annotations

import json
import math
import selectors
import socket
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

ADDRESS = "127.0.0.1"
# Without its middleware Django tells no length, and gunicorn sends chunks.
_ENDS = b"}", b"\r\n0\r\n\r\n"


def request(path: str, parameters: Any, token: str, *, method: str = "POST") -> bytes:
    """Return the bytes of a call with JSON parameters."""
    body = json.dumps(parameters).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {ADDRESS}\r\n"
        f"Accept: application/json\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Answers:
    """How many answers had which status, and the seconds that each took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class _Connection:
    """One connection with one call under way at any time; it sends the same few over and over."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection((ADDRESS, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = cycle(requests)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self) -> None:
        self._received = b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(next(self._requests))

    def receive(self, answers: Answers) -> bool:
        """Read what has come; return whether the answer is complete."""
        received = self.socket.recv(65536)
        if not received:
            msg = "the server closed a connection"
            raise ConnectionError(msg)
        self._received += received
        if not self._received.endswith(_ENDS):
            return False
        answers.seconds.append(time.perf_counter() - self._sent_at)
        answers.statuses[int(self._received[9:12])] += 1
        return True


def drive(
    ports: Sequence[int],
    requests: Sequence[Sequence[bytes]],
    seconds: float,
    a_second: float = math.inf,
) -> Answers:
    """Call for so long, then wait for the answers that are due.

    Args:
        ports: Where servers listen; the connections take turns.
        requests: What each connection sends, one after the other, again and again.
        seconds: How long calls are sent.
        a_second: How many calls to send in a second over all connections, if they are answered.
    """
    answers, sent = Answers(), 0
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        pairs = zip(cycle(ports), requests, strict=False)
        idle = [stack.enter_context(_Connection(*pair)) for pair in pairs]
        for connection in idle:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        start = time.perf_counter()
        while (now := time.perf_counter() - start) < seconds or len(idle) < len(requests):
            while idle and now < seconds and sent <= now * a_second:
                idle.pop().send()
                sent += 1
            ready = [key.data for key, _ in selector.select(0.001)]
            idle += [connection for connection in ready if connection.receive(answers)]
    return answers
