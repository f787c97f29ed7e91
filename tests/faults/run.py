"""Plays scenarios on one database, in a process whose Django knows that database alone."""

from __future__ import annotations

import os
import time
import traceback
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django
from django.core.management import call_command

from tests.faults import breakdowns, races
from tests.faults.disk import MEGABYTES, SmallDisk
from tests.faults.scenario import ISOLATION_LEVELS, Scenario
from tests.faults.servers import SERVERS
from tests.faults.verdict.report import Result
from tests.faults.web import WebServer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

SCENARIOS = {scenario.name: scenario for scenario in (*races.SCENARIOS, *breakdowns.SCENARIOS)}


@dataclass(frozen=True)
class Job:
    """Scenarios that share a database server and a web server.

    Attributes:
        folder: Where everything of the job is kept; it does not exist yet.
        chosen: Names of the scenarios that are wanted.
        isolation: The isolation level of PostgreSQL, empty for its default.
        small_disk: Whether the database lies on a disk that can be filled.
    """

    database: str
    folder: Path
    chosen: Collection[str]
    short: bool = False
    isolation: str = ""
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
            and (scenario.isolated or not self.isolation)
        ]

    @property
    def place(self) -> str:
        name: str = SERVERS[self.database].name
        return f"{name}, {self.isolation}" if self.isolation else name

    def play(self) -> Iterator[Result]:
        """Play one scenario after the other, in a process where Django is not set up yet."""
        with self._servers() as servers:
            for scenario in self.scenarios:
                for door in scenario.doors:
                    yield self._play(scenario, door, servers)

    @contextmanager
    def _servers(self) -> Iterator[dict[str, Any]]:
        self.folder.mkdir()
        with ExitStack() as stack:
            home, disk = self.folder, None
            if self.small_disk:
                disk = stack.enter_context(SmallDisk(home / "disk", MEGABYTES[self.database]))
                home = disk.folder
            database = SERVERS[self.database](home)
            stack.callback(database.stop)
            database.start()
            os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
            os.environ["DATABASE_URL"] = database.url
            os.environ["FAULTS_ISOLATION"] = ISOLATION_LEVELS[self.isolation]
            django.setup()
            call_command("migrate", verbosity=0)
            web = WebServer(self.folder)
            stack.callback(web.kill)
            web.start()
            yield {"database": database, "web": web, "disk": disk}

    def _play(self, scenario: Scenario, door: str, servers: dict[str, Any]) -> Result:
        # It needs the models, so Django must have been set up for this job.
        from tests.faults.stage import Stage  # noqa: PLC0415

        result = Result(scenario.name, self.place, door)
        stage = Stage(self.folder, through=door, short=self.short, result=result, **servers)
        start = time.monotonic()
        try:
            scenario.play(stage)
        except Exception:  # noqa: BLE001 - the other scenarios are to be played all the same
            result.complaints.append(traceback.format_exc())
        result.seconds = time.monotonic() - start
        result.complaints += servers["web"].bugs_logged()
        return result
