"""The script that measures a million options works, shown with some hundreds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.management.million import APPLICATIONS, KEYS_PER_OWNER

ROOT = Path(__file__).parents[2]
# An owner more than whole ones.
COUNT = 3 * APPLICATIONS * KEYS_PER_OWNER + 1


def measure(database: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.management.million", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_script_compares_and_leaves_a_database_in_use_alone(tmp_path: Path) -> None:
    finished = measure(tmp_path / "db.sqlite3", "--options", f"{COUNT}")
    assert finished.returncode == 0, finished.stderr
    steps = [line.split(":")[0].split()[0] for line in finished.stdout.splitlines()]
    assert steps == ["filled", "export", "file", f"{COUNT}", "import", "equal"]
    assert f"equal: {COUNT} options" in finished.stdout
    finished = measure(tmp_path / "db.sqlite3", "--options", "3")
    assert finished.returncode == 1
    assert "holds options already" in finished.stderr
