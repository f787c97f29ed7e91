from __future__ import annotations

import os
import subprocess
import sys


def test_no_setting_of_rest_framework_changes_an_answer() -> None:
    # Another process, as REST framework reads its settings when its classes are made.
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [*command, "--ds=tests.rest.odd_rest_framework", "tests/rest/facts_of_answers.py"],
        env={**os.environ, "DATABASE_URL": "sqlite://:memory:"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
