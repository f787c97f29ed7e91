"""Where a scenario plays: a database, the project on web servers, owners, the verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import connections
from oauth2_provider.models import get_access_token_model

from django_user_options.models import AppUserOption
from tests.load.doors import Command, Direct, Rest
from tests.load.owners import Owner, make_owner
from tests.load.verdict.ledger import Outcome
from tests.load.verdict.verifier import find_problems
from tests.load.writers import Load, Work

if TYPE_CHECKING:
    from collections.abc import Sequence, Set
    from pathlib import Path

    from tests.load.servers import WebServer
    from tests.load.verdict.ledger import Write
    from tests.load.verdict.report import Result

_numbers = count(1)
# No writer sets it.
_NEXT_KEY = "next call"


@dataclass
class Stage:
    """What every scenario finds.

    Attributes:
        webs: A web server for each node of the database.
        through: `REST` or `queryset`.
        short: Whether a few rounds are enough.
        result: Where to report.
        disk: What the database lies on, where the scenario fills it.
        broken: Whether something was broken on purpose, so that calls may stay unanswered.
    """

    folder: Path
    database: Any
    webs: Sequence[WebServer]
    through: str
    short: bool
    result: Result
    disk: Any = None
    broken: bool = field(default=False, init=False)

    def rounds(self, short: int, long: int) -> int:
        return short if self.short else long

    def owner(self, *, headless: bool = False) -> Owner:
        """Create an owner with no options, known to every node."""
        owner = make_owner(headless=headless)
        for alias in _aliases_that_wait():
            get_access_token_model().objects.using(alias).get(token=owner.token)
        return owner

    def load(self, owner: Owner, work: Work) -> Load:
        """Return the writers of one owner, spread over the nodes; they begin with the block."""
        self.result.writers = max(self.result.writers, work.writers)
        if self.through == "REST":
            doors: list[Any] = [partial(Rest, web.port, owner.token) for web in self.webs]
        else:
            doors = [partial(Direct, owner.options.using(alias)) for alias in connections]
        return Load(self.folder / f"load-{next(_numbers)}", doors, work)

    def judge(self, owner: Owner, load: Load, *, apart: Set[str] = frozenset()) -> dict[str, Any]:
        """Compare what was acknowledged with what is stored, and call again.

        Return the options that are stored under the keys `apart`, which are not compared.
        """
        connections.close_all()
        writes, aliases = load.writes(), _aliases_that_wait()
        stored = owner.options.as_mapping()
        stored.pop(_NEXT_KEY, None)
        compared = {key: value for key, value in stored.items() if key not in apart}
        possible = [
            replace(write, states={key: write.states[key] for key in write.states.keys() - apart})
            for write in writes
            # What was refused for a conflict must not have taken effect.
            if write.outcome is not Outcome.CONFLICT
        ]
        problems = find_problems(possible, compared, deletes_may_miss=len(aliases) > 1)
        self.result.count(writes, problems)
        rows = owner.options.exclude(key=_NEXT_KEY).count()
        if rows != len(stored):
            self.complain(f"{rows} rows for {len(stored)} keys")
        outcomes = Counter(write.outcome for write in writes)
        if not self.broken and (outcomes[Outcome.UNANSWERED] or outcomes[Outcome.GONE]):
            self.complain("nothing was broken, and a call had no answer or its owner was gone")
        self._expect_service(owner)
        self._expect_equal_nodes(owner, {**stored, _NEXT_KEY: "works"})
        connections.close_all()
        self._note_answers(writes)
        return {key: value for key, value in stored.items() if key in apart}

    def _expect_service(self, owner: Owner) -> None:
        """Call as often as there are threads that may hold a stale connection; all must work."""
        for web in self.webs:
            door = Rest(web.port, owner.token)
            for _ in range(web.processes * web.threads):
                [answer] = door.send([Command({_NEXT_KEY: "works"})])
                if answer.outcome is not Outcome.ACKNOWLEDGED:
                    self.complain(f"the next call was {answer.outcome} {answer.detail}")

    def _expect_equal_nodes(self, owner: Owner, expected: Any) -> None:
        """Read from every node what is there in the end; no file may be damaged."""
        rows = []
        for alias in _aliases_that_wait():
            if owner.options.using(alias).as_mapping() != expected:
                self.complain(f"REST wrote what Python does not read from {alias}")
            rows.append(list(AppUserOption.objects.using(alias).order_by("pk").values_list()))
            if connections[alias].vendor == "sqlite":
                with connections[alias].cursor() as cursor:
                    cursor.execute("PRAGMA integrity_check")
                    assert cursor.fetchall() == [("ok",)]
        if any(other != rows[0] for other in rows):
            self.complain("the nodes differ in the end")

    def _note_answers(self, writes: Sequence[Write]) -> None:
        """Note what refused writes were told, and how long the longest call took."""
        refused = Counter(write.detail for write in writes if write.outcome is Outcome.REFUSED)
        told = [f"refused {number:,} × {detail}" for detail, number in refused.most_common()]
        longest = max((w.answered - w.start for w in writes if w.answered is not None), default=0)
        self.result.notes += [*told, f"longest call {longest:.1f} s"]

    def complain(self, text: str) -> None:
        self.result.complaints.append(text)


def _aliases_that_wait() -> list[str]:
    """Return all nodes; until connections close, each reads what others acknowledged."""
    for alias in connections:
        if connections[alias].vendor == "mysql":
            with connections[alias].cursor() as cursor:
                cursor.execute("SET SESSION wsrep_sync_wait = 1")
    return list(connections)
