"""What a scenario is, and where it can be played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.load.stage import Stage

DATABASES = ("sqlite", "postgresql", "mariadb")
# Settings of Django's connection, by what they do; psycopg counts the isolation levels from 1.
CONNECTION_OPTIONS = {
    "postgresql": {
        "repeatable read": "isolation_level=3",
        "serializable": "isolation_level=4",
    },
    "pgbouncer": {
        "server-side binding": "server_side_binding=true",
        "pool": "pool=true",
    },
}


@dataclass(frozen=True)
class Scenario:
    """One thing to try.

    Attributes:
        play: Does it, and has the stage judge what came of it.
        doors: Through which of `REST` and `queryset` the writers go.
        databases: On which databases it makes sense.
        every_option: Whether it is played with each of CONNECTION_OPTIONS, too.
        small_disk: Whether the database lies on a disk that can be filled.
        only_if_named: Whether it measures times, which other work on the machine would spoil.
    """

    play: Callable[[Stage], None]
    doors: tuple[str, ...] = ("REST", "queryset")
    databases: tuple[str, ...] = DATABASES
    every_option: bool = False
    small_disk: bool = False
    only_if_named: bool = False

    @property
    def name(self) -> str:
        return self.play.__name__.replace("_", " ")
