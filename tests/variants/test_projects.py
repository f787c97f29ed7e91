"""The package works in projects that differ from the tests' own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.variants.runner import run_tests

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.database
@pytest.mark.parametrize(
    ("project", "modules"),
    [
        ("members", ["facts", "facts_of_two_databases"]),
        ("guests", ["facts", "facts_of_text_users", "facts_of_many_writers", "facts_of_asgi"]),
    ],
)
def test_the_facts_hold_in_the_project(tmp_path: Path, project: str, modules: list[str]) -> None:
    paths = [f"tests/variants/{module}.py" for module in modules]
    file = str(tmp_path / "options.sqlite3")
    settings = "tests.variants.settings"
    run_tests(settings, "--create-db", *paths, PROJECT=project, SQLITE_FILE=file)
