"""The parts of the benchmark; each prints its tables."""

from __future__ import annotations

import json
import random
from contextlib import ExitStack
from functools import partial
from statistics import quantiles
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection

from tests.benchmarks.calls import Call, Project, keys, options
from tests.benchmarks.contenders import FLOOR, PATHS_TO_GET_ALL, PATHS_TO_SET
from tests.benchmarks.measure import compare, print_table, ratio, short, spread
from tests.load.generator import drive, request
from tests.load.owners import make_owner
from tests.load.servers import WebServer, workplace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.load.generator import Answers

KEPT = 100
WORKERS, THREADS, CLIENTS = 2, 2, 8
SECONDS = 0.7


def measure_set(*, quick: bool) -> None:
    """Measure `set` of options that are there already."""
    project, tokens = Project(), _tokens_of_owners_with_options()
    for size in (2, 20, 100):
        calls = {name: partial(_set, name, token, size) for name, token in tokens.items()}
        title = f"set: {size} options, all there already"
        compare(project, title, calls, seconds=2 if quick else 9)


def measure_get(*, quick: bool) -> None:
    """Measure `get` of all options."""
    tokens = _tokens_of_owners_with_options()
    calls = {
        name: partial(Call, path, {}, tokens[name], method)
        for name, (path, method) in PATHS_TO_GET_ALL.items()
    }
    compare(Project(), f"get: all {KEPT} options", calls, seconds=2 if quick else 6)


def measure_update(*, quick: bool) -> None:
    """Measure `update` beside `get` and `set`, and `keys` with `unless` beside reading all."""
    written, read = make_owner(), make_owner()
    for owner in (written, read):
        owner.options.set_options(options(keys(KEPT)))
    changed, compared = keys(2)
    digest = written.options.keys().keys[compared].digest

    def call(method: str, parameters: object) -> Call:
        owner = read if method == "keys" else written
        return Call(f"/rest/user.option.{method}", parameters, owner.token)

    calls = {
        "get all": partial(call, "get", {}),
        "keys, unless it is the same": partial(
            call, "keys", {"unless": read.options.keys().digest}
        ),
        "get one": partial(call, "get", {"option": compared}),
        "set one": lambda: call("set", {"options": options([changed])}),
        "update, one condition": lambda: call(
            "update", {"set": options([changed]), "if": {compared: digest}}
        ),
    }
    title = f"update and keys: an owner of {KEPT} options"
    compare(Project(), title, calls, seconds=2 if quick else 9)


def measure_limit(*, quick: bool) -> None:
    """Measure what a limit on calls adds, counted in memory, of which no call gets near it."""
    token = make_owner().token

    def call(limit: str) -> Call:
        """Return a call, before which the project's limit changes."""
        settings.USER_OPTIONS = {"CALL_LIMIT": limit}
        setting_changed.send(None, setting="USER_OPTIONS", value=settings.USER_OPTIONS, enter=True)
        return Call("/rest/user.option.get", {}, token)

    limits = {"no limit": "", "with a limit": "1000000 per 1 hour"}
    calls = {name: partial(call, limit) for name, limit in limits.items()}
    compare(Project(), "limit: get no options", calls, seconds=2 if quick else 9)


def measure_throughput(*, quick: bool) -> None:
    """Count calls through real servers.

    Each worker has a server of its own. Workers that share a port share connections by chance,
    and keep them: one of two may idle.
    """
    database = json.dumps({"NAME": connection.settings_dict["NAME"]})
    tokens = [make_owner().token for _ in range(CLIENTS)]
    with workplace() as folder, ExitStack() as stack:
        ports = [
            stack.enter_context(
                WebServer(folder / f"web{number}", threads=THREADS, BENCHMARK_DATABASE=database)
            ).port
            for number in range(WORKERS)
        ]
        for size in (2, 20):
            _print_throughput(size, _interleave(ports, tokens, size, quick=quick))


def _interleave(
    ports: Sequence[int], tokens: Sequence[str], size: int, *, quick: bool
) -> dict[str, list[Answers]]:
    """Drive the contenders in turns, in a random order each round."""
    rounds = 3 if quick else 15
    # Each client sends for an owner of its own, and different values in turn.
    requests = {
        name: [
            [request(path, {"options": options(keys(size))}, token) for _ in range(8)]
            for token in tokens
        ]
        for name, path in PATHS_TO_SET.items()
    }
    for sent in requests.values():
        drive(ports, sent, SECONDS)
    answers: dict[str, list[Answers]] = {name: [] for name in requests}
    for _ in range(rounds):
        for name in random.sample(list(requests), len(requests)):
            answers[name].append(drive(ports, requests[name], SECONDS))
    return answers


def _print_throughput(size: int, answers: dict[str, list[Answers]]) -> None:
    rates = {name: [each.statuses[200] / SECONDS for each in own] for name, own in answers.items()}
    rows = []
    for name, own in answers.items():
        percentiles = quantiles((1000 * took for each in own for took in each.seconds), n=100)
        failed = sum(each.statuses.total() - each.statuses[200] for each in own)
        share = f"{ratio(rates[name], rates[FLOOR]):.0%}"
        times = short(percentiles[49]), short(percentiles[98])
        rows.append((name, spread(rates[name]), share, *times, failed))
    print_table(
        f"throughput: set of {size} options, {WORKERS} workers of {THREADS} threads, "
        f"{CLIENTS} clients",
        ("contender", "calls/s", f"% of {FLOOR}", "p50 ms", "p99 ms", "failed"),
        rows,
    )


def _tokens_of_owners_with_options() -> dict[str, str]:
    """Return the token of an owner for each contender, which has set that owner's options."""
    project = Project()
    tokens = {name: make_owner().token for name in PATHS_TO_SET}
    for name, token in tokens.items():
        project.answer(_set(name, token, KEPT).environ())
    return tokens


def _set(name: str, token: str, size: int) -> Call:
    return Call(PATHS_TO_SET[name], {"options": options(keys(size))}, token)
