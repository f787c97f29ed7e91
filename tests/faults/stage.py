"""Where a scenario plays: a database server, the host on a web server, owners, the verdict."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connections
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.models import AppUserOption
from tests.faults.doors import Command, Direct, Rest
from tests.faults.load import Load, Work
from tests.faults.verdict.ledger import Outcome
from tests.faults.verdict.verifier import find_problems
from tests.faults.web import PROCESSES, THREADS, WebServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.disk import SmallDisk
    from tests.faults.verdict.report import Result

_numbers = count(1)
# No writer sets it.
_NEXT_KEY = "next call"


@dataclass
class Owner:
    """A user and an application, with the token that stands for both."""

    application: Any
    user: Any
    token: str

    @property
    def options(self) -> Any:
        return AppUserOption.objects.for_owner(self.application, self.user)


@dataclass
class Stage:
    """What every scenario finds.

    Attributes:
        short: Whether a few rounds are enough.
        through: `REST` or `queryset`.
        result: Where to report.
        disk: What the database lies on, where the scenario fills it.
        broken: Whether something was broken on purpose, so that calls may stay unanswered.
    """

    folder: Path
    database: Any
    web: WebServer
    through: str
    short: bool
    result: Result
    disk: SmallDisk | None = None
    broken: bool = field(default=False, init=False)

    def rounds(self, short: int, long: int) -> int:
        return short if self.short else long

    def owner(self, *, headless: bool = False) -> Owner:
        """Create an owner of whom nothing is stored; a headless token names no user."""
        name = f"owner-{next(_numbers)}-{os.getpid()}"
        user = get_user_model().objects.create(username=name)
        application = get_application_model().objects.create(
            name=name,
            user=user if headless else None,
            client_type="confidential",
            authorization_grant_type="authorization-code",
            redirect_uris="http://127.0.0.1/",
        )
        get_access_token_model().objects.create(
            application=application,
            user=None if headless else user,
            token=name,
            scope="basic",
            expires=datetime.now(UTC) + timedelta(days=1),
        )
        return Owner(application, user, name)

    def load(self, owner: Owner, work: Work) -> Load:
        """Return the writers of one owner, who begin when the block is entered."""
        if self.through == Rest.name:
            door: Any = partial(Rest, self.web.port, owner.token)
        else:
            door = partial(Direct, owner.options)
        self.result.writers = max(self.result.writers, work.writers)
        return Load(self.folder / f"load-{next(_numbers)}", door, work)

    def judge(self, owner: Owner, load: Load) -> None:
        """Compare what was acknowledged with what is stored, and call once more."""
        connections.close_all()
        writes, stored = load.writes(), owner.options.as_mapping()
        stored.pop(_NEXT_KEY, None)
        self.result.count(writes, find_problems(writes, stored))
        rows = owner.options.exclude(key=_NEXT_KEY).count()
        if rows != len(stored):
            self.complain(f"{rows} rows for {len(stored)} keys")
        if not self.broken:
            self._expect_no_broken_connection(writes)
        self.expect_service(owner)
        if owner.options.as_mapping() != {**stored, _NEXT_KEY: "works"}:
            self.complain("REST wrote what Python does not read")
        self.database.check()
        connections.close_all()

    def _expect_no_broken_connection(self, writes: Any) -> None:
        broken = [write for write in writes if write.outcome is Outcome.UNANSWERED]
        if broken:
            self.complain(f"{len(broken)} calls without an answer and without a fault")
        if any(write.outcome is Outcome.GONE for write in writes):
            self.complain("an owner was gone that nobody deleted")

    def expect_service(self, owner: Owner) -> None:
        """Call as often as there are threads that may hold a stale connection; all must work."""
        door = Rest(self.web.port, owner.token)
        for _ in range(PROCESSES * THREADS):
            [answer] = door.send([Command({_NEXT_KEY: "works"})])
            if answer.outcome is not Outcome.ACKNOWLEDGED:
                self.complain(f"the next call was {answer.outcome} {answer.detail}")

    def complain(self, text: str) -> None:
        self.result.complaints.append(text)
