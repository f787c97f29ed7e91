"""What writers were told, and what may therefore be stored in the end.

A state of a key is its value, or None where it is deleted. A call that failed may have been
carried out all the same: the connection can break after the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Ledger:
    """One writer's account of its calls.

    Of what a writer did to a key, only the last acknowledged state can be left in the end, or
    a later one that is in doubt: its calls follow each other.
    """

    def __init__(self, possible: Mapping[str, list[Any]], acknowledged: Iterable[str]) -> None:
        self.possible, self.acknowledged = dict(possible), set(acknowledged)

    def acknowledge(self, states: Mapping[str, Any]) -> None:
        """Note a call that was answered with success."""
        self.possible.update((key, [state]) for key, state in states.items())
        self.acknowledged.update(states)

    def doubt(self, states: Mapping[str, Any]) -> None:
        """Note a call that failed."""
        for key, state in states.items():
            self.possible.setdefault(key, []).append(state)

    def explains(self, key: str, state: Any) -> bool:
        """Return whether a key that no other writer touches may be in this state."""
        return state in _possible([self], key)

    def as_dict(self) -> dict[str, Any]:
        """Return what `Ledger(**…)` takes, as JSON has it."""
        return {"possible": self.possible, "acknowledged": sorted(self.acknowledged)}


def losses(ledgers: list[Ledger], stored: Mapping[str, Any]) -> list[str]:
    """Return the keys whose state no ledger explains: lost, outdated or never written."""
    keys = {key for ledger in ledgers for key in ledger.possible} | set(stored)
    return sorted(key for key in keys if stored.get(key) not in _possible(ledgers, key))


def _possible(ledgers: list[Ledger], key: str) -> list[Any]:
    states = [state for ledger in ledgers for state in ledger.possible.get(key, [])]
    untouched = not any(key in ledger.acknowledged for ledger in ledgers)
    return [*states, None] if untouched else states
