"""Plays scenarios on one database, in a process whose Django knows that database alone."""

from __future__ import annotations

import os
import time
import traceback
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django
from django.core.management import call_command

from tests.load import breakdowns, flood, races, updates
from tests.load.disk import MEGABYTES, small_disk
from tests.load.mariadb import Galera, MariaDB
from tests.load.postgresql import PgBouncer, PostgreSQL
from tests.load.scenario import CONNECTION_OPTIONS, Scenario
from tests.load.servers import WebServer
from tests.load.verdict.report import Result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        *races.SCENARIOS,
        *updates.SCENARIOS,
        *breakdowns.SCENARIOS,
        *flood.SCENARIOS,
    )
}


class SQLite(nullcontext[Any]):
    """A file; there is no server to stop and no connection to cut."""

    def __init__(self, folder: Path) -> None:
        super().__init__(self)
        folder.mkdir()
        self.urls = [f"sqlite:///{folder / 'options.sqlite3'}"]

    def revive(self) -> None:
        """There is nothing that may have died."""


SERVERS: dict[str, Any] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "mariadb": MariaDB,
    "galera": Galera,
    "pgbouncer": PgBouncer,
}


@dataclass(frozen=True)
class Job:
    """Scenarios that share a database and its web servers.

    Attributes:
        folder: Where everything of the job is kept; it does not exist yet.
        chosen: Names of the scenarios that are wanted.
        options: Which of CONNECTION_OPTIONS Django's connections have, empty for none.
        small_disk: Whether the database lies on a disk that can be filled.
    """

    database: str
    folder: Path
    chosen: Collection[str]
    short: bool = False
    options: str = ""
    small_disk: bool = False

    @property
    def scenarios(self) -> list[Scenario]:
        """Those of the chosen scenarios that can be played here."""
        return [
            scenario
            for name, scenario in SCENARIOS.items()
            if name in self.chosen
            and self.database in scenario.databases
            and scenario.small_disk == self.small_disk
            and (scenario.every_option or not self.options)
        ]

    @property
    def place(self) -> str:
        name = SERVERS[self.database].__name__
        return f"{name}, {self.options}" if self.options else name

    def play(self) -> Iterator[Result]:
        """Play one scenario after the other, in a process where Django is not set up yet."""
        with self._servers() as servers:
            for scenario in self.scenarios:
                # What REST does, it does through the queryset.
                for door in scenario.doors[:1] if self.short else scenario.doors:
                    yield self._play(scenario, door, servers)

    @contextmanager
    def _servers(self) -> Iterator[dict[str, Any]]:
        self.folder.mkdir()
        with ExitStack() as stack:
            home, disk = self.folder, None
            if self.small_disk:
                mounted = small_disk(home / "disk", MEGABYTES[self.database])
                home = disk = stack.enter_context(mounted)
            database = stack.enter_context(SERVERS[self.database](home / "database"))
            options = CONNECTION_OPTIONS.get(self.database, {}).get(self.options)
            nodes = [f"{url}?{options}" if options else url for url in database.urls]
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "tests.load.settings",
                "NODES": " ".join(nodes),
            }
            django.setup()
            call_command("migrate", verbosity=0)
            processes = 3 if len(nodes) == 1 else 1
            webs = [
                WebServer(self.folder / f"web{number}", processes=processes, NODES=node)
                for number, node in enumerate(nodes, 1)
            ]
            for web in webs:
                stack.enter_context(web)
            yield {"database": database, "webs": webs, "disk": disk}

    def _play(self, scenario: Scenario, door: str, servers: dict[str, Any]) -> Result:
        # It needs the models, so Django must have been set up for this job.
        from tests.load.stage import Stage

        result = Result(scenario.name, self.place, door)
        stage = Stage(self.folder, through=door, short=self.short, result=result, **servers)
        start = time.monotonic()
        try:
            scenario.play(stage)
        except Exception:  # noqa: BLE001  the other scenarios must still run
            result.complaints.append(traceback.format_exc())
        result.seconds = time.monotonic() - start
        for web in servers["webs"]:
            result.complaints += web.bugs_logged()
        return result
