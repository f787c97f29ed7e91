"""A small client: as many connections as wanted, each with one call under way at any time."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Load:
    """What the client saw: milliseconds of each call answered with 200, and how many were not."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def throughput(self) -> float:
        """Calls answered with 200 in a second."""
        return len(self.latencies) / self.seconds


class Connection:
    """One client's connection; it sends the same few requests over and over."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = cycle(requests)
        self._received = b""
        self._sent_at = 0.0

    def send(self) -> None:
        """Send the next request."""
        self._sent_at = time.perf_counter()
        self.socket.sendall(next(self._requests))

    def receive(self, load: Load) -> bool:
        """Read what has come; return whether the answer is complete.

        Raises:
            ConnectionError: The server closed the connection.
        """
        received = self.socket.recv(65536)
        if not received:
            msg = "the server does not keep connections open"
            raise ConnectionError(msg)
        self._received += received
        head, end, body = self._received.partition(_HEAD_END)
        if not end or not _is_complete(head, body):
            return False
        if head.startswith(b"HTTP/1.1 200"):
            load.latencies.append((time.perf_counter() - self._sent_at) * 1000)
        else:
            load.failed += 1
        self._received = b""
        return True


def _is_complete(head: bytes, body: bytes) -> bool:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            return len(body) >= int(line.removeprefix(_LENGTH))
    # Without its middleware Django tells no length, and gunicorn sends chunks.
    return body.endswith(_LAST_CHUNK)


def drive(ports: Sequence[int], requests: Sequence[Sequence[bytes]], *, seconds: float) -> Load:
    """Send each connection's requests, one after the other, for that long."""
    load = Load(seconds)
    connections = [Connection(*opened) for opened in zip(cycle(ports), requests, strict=False)]
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        give_up_at = time.perf_counter() + seconds
        under_way = len(connections)
        while under_way:
            answered = [key.data for key, _ in selector.select() if key.data.receive(load)]
            if time.perf_counter() > give_up_at:
                under_way -= len(answered)
                continue
            for connection in answered:
                connection.send()
    for connection in connections:
        connection.socket.close()
    return load
