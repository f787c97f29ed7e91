"""Other databases, and other settings of one, that the project is switched to between calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.utils import load_backend

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from tests.benchmarks.calls import Call
    from tests.benchmarks.measure import MakeCall


def differing_in(**settings: Any) -> BaseDatabaseWrapper:
    """Return a connection, not yet open, that differs in these settings from the one in use."""
    merged = {**connections.settings["default"], **settings}
    return load_backend(merged["ENGINE"]).DatabaseWrapper(merged, "default")


def switch_to(database: BaseDatabaseWrapper) -> None:
    """Let the project use this connection in this thread, and its settings in new threads."""
    connections["default"] = database
    connections.settings["default"] = database.settings_dict


@dataclass(frozen=True)
class On:
    """Makes calls, and lets the project answer them on a certain connection."""

    database: BaseDatabaseWrapper
    make_call: MakeCall

    def __call__(self) -> Call:
        """Switch to the connection and make a call."""
        switch_to(self.database)
        return self.make_call()
