"""The package works in projects that differ from the tests' own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.variants.runner import run_facts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.database


@pytest.mark.parametrize(
    ("project", "modules"),
    [
        ("other_models", ["facts"]),
        ("text_users", ["facts", "facts_of_text_users"]),
        ("two_databases", ["facts", "facts_of_two_databases"]),
    ],
)
def test_the_facts_hold_in_the_project(project: str, modules: list[str]) -> None:
    run_facts(project, *modules)


def test_many_writers_and_threads_lose_nothing(tmp_path: Path) -> None:
    file = str(tmp_path / "options.sqlite3")
    run_facts("many_writers", "facts_of_many_writers", "facts_of_asgi", SQLITE_FILE=file)
