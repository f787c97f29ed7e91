"""Calls in a second, and how long one takes, through a real server."""

from __future__ import annotations

import json
import random
import selectors
import socket
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import cycle
from typing import TYPE_CHECKING

from django.db import connection

from tests.benchmarks import report
from tests.benchmarks.calls import Call, keys, options
from tests.benchmarks.contenders import FLOOR, OURS, PATHS_TO_SET, UPDATE_OR_CREATE
from tests.benchmarks.report import ratio, short, spread
from tests.load.owners import make_owner
from tests.load.servers import WebServer, workplace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZES = (2, 20)
WORKERS, THREADS = 2, 2
CLIENTS = 8
_VARIANTS = 8
_WARM_UP_SECONDS = 0.5


@dataclass
class Load:
    """What the clients saw: milliseconds of each call answered with 200, and how many were not."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    failed: int = 0


class Client:
    """One connection with one call under way at any time; it sends the same few over and over."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = cycle(requests)

    def send(self) -> None:
        self._received = b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(next(self._requests))

    def receive(self, load: Load) -> bool:
        """Read what has come; return whether the answer is complete."""
        received = self.socket.recv(65536)
        if not received:
            msg = "the server does not keep connections open"
            raise ConnectionError(msg)
        self._received += received
        # Without its middleware Django tells no length, and gunicorn sends chunks.
        if not self._received.endswith(b"0\r\n\r\n"):
            return False
        if self._received.startswith(b"HTTP/1.1 200"):
            load.latencies.append((time.perf_counter() - self._sent_at) * 1000)
        else:
            load.failed += 1
        return True


def run(*, quick: bool) -> dict[str, float]:
    """Measure our server and the cheapest others, each in turn for a second or so.

    Each worker has a server of its own. Workers that share a port share connections by chance,
    and keep them: one of two may idle.
    """
    if find_spec("gunicorn") is None:
        report.write("\nthroughput: needs gunicorn, from the dependency group `load`")
        return {}
    database = json.dumps({"NAME": connection.settings_dict["NAME"]})
    tokens = [make_owner().token for _ in range(CLIENTS)]
    figures = {}
    with workplace() as folder, ExitStack() as stack:
        ports = [
            stack.enter_context(
                WebServer(folder / f"web{number}", threads=THREADS, BENCHMARK_DATABASE=database)
            ).port
            for number in range(WORKERS)
        ]
        for size in SIZES:
            loads = _interleave(ports, tokens, size, quick=quick)
            throughputs = {
                name: [len(load.latencies) / load.seconds for load in own]
                for name, own in loads.items()
            }
            _print(size, loads, throughputs)
            figures[f"throughput {size}: ours / floor"] = ratio(
                throughputs[OURS], throughputs[FLOOR]
            )
    return figures


def _interleave(
    ports: Sequence[int], tokens: Sequence[str], size: int, *, quick: bool
) -> dict[str, list[Load]]:
    """Drive the contenders in turns, in a random order each round."""
    rounds, seconds = (3, 0.5) if quick else (15, 0.7)
    # Each client sends for an owner of its own, and different values in turn.
    requests = {
        name: [
            [
                Call(path, {"options": options(keys(size))}, token).on_the_wire()
                for _ in range(_VARIANTS)
            ]
            for token in tokens
        ]
        for name, path in PATHS_TO_SET.items()
        if name != UPDATE_OR_CREATE
    }
    for sent in requests.values():
        _drive(ports, sent, _WARM_UP_SECONDS)
    loads: dict[str, list[Load]] = {name: [] for name in requests}
    for _ in range(rounds):
        for name in random.sample(list(requests), len(requests)):
            loads[name].append(_drive(ports, requests[name], seconds))
    return loads


def _drive(ports: Sequence[int], requests: Sequence[Sequence[bytes]], seconds: float) -> Load:
    """Send each client's requests, one after the other, for that long."""
    load = Load(seconds)
    clients = [Client(*opened) for opened in zip(cycle(ports), requests, strict=False)]
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send()
        give_up_at = time.perf_counter() + seconds
        under_way = len(clients)
        while under_way:
            answered = [key.data for key, _ in selector.select() if key.data.receive(load)]
            if time.perf_counter() > give_up_at:
                under_way -= len(answered)
                continue
            for client in answered:
                client.send()
    for client in clients:
        client.socket.close()
    return load


def _print(
    size: int, loads: Mapping[str, list[Load]], throughputs: Mapping[str, list[float]]
) -> None:
    rows = []
    for name, own in loads.items():
        latencies = [latency for load in own for latency in load.latencies]
        percentiles = statistics.quantiles(latencies, n=100)
        rows.append(
            (
                name,
                spread(throughputs[name]),
                f"{ratio(throughputs[name], throughputs[FLOOR]):.0%}",
                short(percentiles[49]),
                short(percentiles[98]),
                sum(load.failed for load in own),
            )
        )
    report.table(
        f"throughput: set of {size} options, {WORKERS} workers of {THREADS} threads, "
        f"{CLIENTS} clients",
        ("contender", "calls/s", f"% of {FLOOR}", "p50 ms", "p99 ms", "failed"),
        rows,
    )
