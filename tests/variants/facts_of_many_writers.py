"""What holds when many write at once; `test_projects.py` runs this module."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 50
SECONDS = 60


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """Each fact is found in a bounded time."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS


def at_once(workers: list[list[Callable[[], object]]]) -> None:
    """Let one thread per worker take its steps, all beginning together.

    Raises whatever a thread raised: every step must be acknowledged.
    """
    together = Barrier(len(workers))

    def work(steps: list[Callable[[], object]]) -> None:
        try:
            connection.ensure_connection()
            together.wait(timeout=SECONDS)
            for step in steps:
                step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(work, workers))


def write_at_once(options: Any, calls: list[list[dict[str, Any]]]) -> None:
    """Let one thread per list of calls make them, all beginning together."""
    at_once([[partial(options.all().set_options, given) for given in own] for own in calls])


def test_distinct_keys_written_at_once_are_all_there(options: Any) -> None:
    given = [{f"{writer} {n}": [writer, n] for n in range(3)} for writer in range(WRITERS)]
    write_at_once(options, [[one] for one in given])
    assert options.as_mapping() == {key: value for one in given for key, value in one.items()}


def test_existing_and_new_keys_written_at_once_are_all_there(options: Any) -> None:
    options.set_options({f"{writer} old": None for writer in range(WRITERS)})
    given = [{f"{writer} old": writer, f"{writer} new": writer} for writer in range(WRITERS)]
    write_at_once(options, [[one] for one in given])
    assert options.as_mapping() == {key: value for one in given for key, value in one.items()}


def test_the_same_new_keys_in_opposite_orders_end_as_one_of_the_writes(options: Any) -> None:
    keys = [f"key {n}" for n in range(20)]
    write_at_once(
        options,
        [
            [dict.fromkeys(keys if writer % 2 else reversed(keys), writer)]
            for writer in range(WRITERS)
        ],
    )
    stored = options.as_mapping()
    assert stored.keys() == set(keys)
    assert set(stored.values()) <= set(range(WRITERS))


def test_overlapping_keys_written_again_and_again_end_as_written_last(options: Any) -> None:
    keys = [f"key {n}" for n in range(20)]
    rounds = 4

    def calls(writer: int) -> list[dict[str, Any]]:
        half = keys[writer % 10 : writer % 10 + 10]
        ordered = half if writer % 2 else half[::-1]
        return [dict.fromkeys(ordered, f"{writer} {turn}") for turn in range(rounds)]

    write_at_once(options, [calls(writer) for writer in range(10)])
    stored = options.as_mapping()
    assert stored.keys() == set(keys[:19])
    for key, value in stored.items():
        writer, turn = map(int, value.split())
        assert key in calls(writer)[turn]
        # A writer's last call is later than its others, so none of those can be left.
        assert turn == rounds - 1


def test_writes_and_deletes_of_the_same_keys_are_all_acknowledged(options: Any) -> None:
    keys = [f"key {n}" for n in range(20)]
    options.set_options(dict.fromkeys(reversed(keys), "old"))

    def steps(worker: int) -> list[Callable[[], object]]:
        ordered = keys if worker % 2 else keys[::-1]
        if worker % 4 < 2:
            return [partial(options.all().set_options, dict.fromkeys(ordered, "new"))] * 3
        return [partial(options.all().delete_options, ordered)] * 3

    at_once([steps(worker) for worker in range(4)])
    assert set(options.as_mapping().values()) <= {"new"}
