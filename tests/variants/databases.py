"""Where a variant keeps its tables: beside the tests' database, never in it."""

from __future__ import annotations

from typing import Any

from tests.settings import DATABASES


def database(name: str) -> dict[str, Any]:
    """Return the tests' database settings with a test database of its own."""
    chosen = DATABASES["default"]
    in_memory = chosen["ENGINE"].endswith("sqlite3")
    own = {} if in_memory else {"NAME": f"test_{chosen['NAME']}_{name}"}
    return {**chosen, "TEST": own}
