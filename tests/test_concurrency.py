"""Writers at the same time lose nothing; a process of its own gives SQLite a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.variants.runner import run_facts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.database
def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    run_facts(
        "many_writers", "facts_of_many_writers", SQLITE_FILE=str(tmp_path / "options.sqlite3")
    )
