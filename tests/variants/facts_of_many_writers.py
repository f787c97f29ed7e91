"""What holds when many write at once; `test_projects.py` runs this module."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from django_user_options.exceptions import OptionConflictError
from django_user_options.portal.token_pairs import TokenPair, live_pair

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 50
KEYS = [f"key {n:02}" for n in range(20)]


def at_once(workers: list[list[Callable[[], object]]]) -> None:
    """Let one thread per worker take its steps, all beginning together.

    Raises whatever a thread raised: every step must be acknowledged.
    """
    together = Barrier(len(workers))

    def work(steps: list[Callable[[], object]]) -> None:
        try:
            connection.ensure_connection()
            together.wait(timeout=60)
            for step in steps:
                step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(work, workers))


def sets(options: Any, *calls: dict[str, Any]) -> list[Callable[[], object]]:
    return [partial(options.all().set_options, given) for given in calls]


def test_existing_and_new_keys_written_at_once_are_all_there(options: Any) -> None:
    options.set_options({f"{writer} old": None for writer in range(WRITERS)})
    given = [{f"{writer} old": writer, f"{writer} new": writer} for writer in range(WRITERS)]
    at_once([sets(options, one) for one in given])
    assert options.as_mapping() == {key: value for one in given for key, value in one.items()}


def test_overlapping_keys_written_again_and_again_end_as_written_last(options: Any) -> None:
    rounds = 4

    def calls(writer: int) -> list[dict[str, Any]]:
        half = KEYS[writer : writer + 10]
        ordered = half if writer % 2 else half[::-1]
        return [dict.fromkeys(ordered, f"{writer} {turn}") for turn in range(rounds)]

    at_once([sets(options, *calls(writer)) for writer in range(10)])
    stored = options.as_mapping()
    assert stored.keys() == set(KEYS[:19])
    for key, value in stored.items():
        writer, turn = map(int, value.split())
        assert key in calls(writer)[turn]
        # A writer's last call is later than its others, so none of those can be left.
        assert turn == rounds - 1


def test_writes_and_deletes_of_the_same_keys_are_all_acknowledged(options: Any) -> None:
    options.set_options(dict.fromkeys(KEYS, "old"))
    at_once(
        [
            step * 3
            for keys in (KEYS, KEYS[::-1])
            for step in (
                sets(options, dict.fromkeys(keys, "new")),
                [partial(options.all().delete_options, keys)],
            )
        ]
    )
    assert set(options.as_mapping().values()) <= {"new"}


def test_tabs_opened_at_once_share_a_pair_of_tokens(application: Any, user: Any) -> None:
    pairs: list[TokenPair] = []
    at_once([[lambda: pairs.append(live_pair(application, user)[1])] for _ in range(20)])
    assert len({(pair.access_text, pair.refresh_text) for pair in pairs}) == 1


def test_counts_and_elements_of_writers_at_once_are_all_there(options: Any) -> None:
    rounds, writers = range(5), range(10)

    def step(writer: int, number: int) -> None:
        options.all().update_options({f"own {writer}": number}, increment={"count": 1})
        append(options.all(), [writer, number])

    at_once([[partial(step, writer, number) for number in rounds] for writer in writers])
    stored = options.as_mapping()
    assert stored["count"] == len(rounds) * len(writers)
    assert sorted(stored["list"]) == [[writer, number] for writer in writers for number in rounds]


def append(options: Any, element: Any) -> None:
    """Read, change and write until nobody has written in between."""
    facts = options.keys("list").keys.get("list")
    given = {"list": [*options.get_option("list", []), element]}
    try:
        options.update_options(given, if_={"list": facts and facts.digest})
    except OptionConflictError:
        append(options, element)


def test_of_writers_that_create_a_key_one_wins_and_the_others_see_its_digest(options: Any) -> None:
    answers = []

    def create(writer: int) -> None:
        try:
            answers.append(options.all().update_options({"new": writer}, if_={"new": None}))
        except OptionConflictError as error:
            answers.append(error.conflicts)

    at_once([[partial(create, writer)] for writer in range(16)])
    assert answers == [{"new": options.get().digest}] * 16


def test_opposite_changes_of_the_same_keys_happen_one_after_the_other(options: Any) -> None:
    def move(here: str, there: str) -> None:
        options.all().update_options({there: "moved"}, remove=[here])

    moves = [("a", "z"), ("z", "a")] * 10
    at_once([[partial(move, *keys)] * 5 for keys in moves])
    assert options.as_mapping() in ({"a": "moved"}, {"z": "moved"})
