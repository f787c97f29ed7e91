"""What a scenario is, and where it can be played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.stage import Stage

DATABASES = ("sqlite", "postgresql", "mariadb")
# The names of these levels in psycopg, by their numbers there.
ISOLATION_LEVELS = {"": "", "repeatable read": "3", "serializable": "4"}


@dataclass(frozen=True)
class Scenario:
    """One thing to try.

    Attributes:
        play: Does it, and has the stage judge what came of it.
        doors: Through which of `REST` and `queryset` the writers go.
        databases: On which databases it makes sense.
        isolated: Whether it is played at PostgreSQL's higher isolation levels, too.
        small_disk: Whether the database lies on a disk that can be filled.
    """

    play: Callable[[Stage], None]
    doors: tuple[str, ...] = ("REST", "queryset")
    databases: tuple[str, ...] = DATABASES
    isolated: bool = False
    small_disk: bool = False

    @property
    def name(self) -> str:
        return self.play.__name__.replace("_", " ")
