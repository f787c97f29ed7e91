"""One application floods the server while others call now and then; a limit on calls holds."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections

from tests.load.generator import drive, request
from tests.load.scenario import Scenario
from tests.load.servers import WebServer
from tests.load.verdict.ledger import Outcome
from tests.load.writers import processes

if TYPE_CHECKING:
    from tests.load.owners import Owner
    from tests.load.stage import Stage

# As the README advises.
_LIMIT = "50 per 25 seconds"
_CONNECTIONS = 8
# The quiet ones take turns, so that none of them comes near the limit.
_QUIET, _QUIET_CALLS_A_SECOND = 40, 40
_SECONDS_OF_CALM = 5
_SECONDS_TO_MEASURE_CAPACITY = 3
# A process takes time and memory for what it imports and caches at its first calls.
_WARM_UP_SECONDS = 2
# The machine's other work may slow down either side for some seconds.
_ATTEMPTS = 3
_MOST_GROWTH = 8 * 1024 * 1024


def flood(stage: Stage) -> None:
    """Compare the slowest calls of quiet applications, in calm and during a flood."""
    quiet = [[_set(stage.owner()) for _ in range(_QUIET)]]
    noisy = [[_set(stage.owner())]] * _CONNECTIONS
    others = [[_set(stage.owner())] for _ in range(_CONNECTIONS)]
    unlimited = drive([stage.webs[0].port], others, _SECONDS_TO_MEASURE_CAPACITY)
    a_second = 2 * unlimited.statuses.total() / _SECONDS_TO_MEASURE_CAPACITY
    seconds, calm, answers = stage.rounds(15, 120), 0.0, Counter[int]()

    def slowest(seconds: float) -> float:
        """Return the 99th percentile of the seconds that a quiet call took."""
        measured = drive([web.port], quiet, seconds, _QUIET_CALLS_A_SECOND)
        answers.update(measured.statuses)
        return sorted(measured.seconds)[int(len(measured.seconds) * 0.99)]

    connections.close_all()
    limited = {**stage.webs[0].environment, "CALL_LIMIT": _LIMIT}
    with (
        WebServer(stage.folder / "limited", processes=3, **limited) as web,
        ProcessPoolExecutor(1, mp_context=processes) as pool,
    ):
        slowest(_WARM_UP_SECONDS)
        for _ in range(_ATTEMPTS):
            calm = max(calm, slowest(_SECONDS_OF_CALM))
            flooding = pool.submit(drive, [web.port], noisy, seconds, a_second)
            slowest(_WARM_UP_SECONDS)
            before = _memory(web)
            flooded = slowest(seconds - _WARM_UP_SECONDS - 1)
            growth = _memory(web) - before
            load = flooding.result().statuses
            stage.result.notes.append(
                f"{load.total() / seconds:.0f} calls a second of {a_second:.0f},"
                f" quiet p99 {calm * 1000:.0f} ms calm and {flooded * 1000:.0f} ms flooded,"
                f" memory {growth // 1024:+} KiB"
            )
            if flooded <= 2 * calm:
                break
        else:
            stage.complain("a flood made the quiet calls more than twice as slow")
    if growth > _MOST_GROWTH:
        stage.complain(f"the processes grew by {growth} bytes")
    if set(answers) != {200} or not set(load) <= {200, 503}:
        stage.complain(f"answers: {answers} for the quiet, {load} for the flood")
    stage.result.writers = _CONNECTIONS
    stage.result.outcomes[Outcome.ACKNOWLEDGED] += answers[200] + load[200]
    stage.result.outcomes[Outcome.REFUSED] += load[503]


def _set(owner: Owner) -> bytes:
    options = {"theme": "dark", "zoom": 1.5}
    return request("/rest/user.option.set", {"options": options}, owner.token)


def _memory(web: WebServer) -> int:
    """Return the bytes that the serving processes keep."""
    texts = (Path(f"/proc/{pid}/statm").read_text() for pid in web.workers())
    return sum(int(text.split()[1]) * 4096 for text in texts)


SCENARIOS = (Scenario(flood, doors=("REST",), only_if_named=True),)
