"""Runs tests in a project of their own: another process with other settings."""

from __future__ import annotations

import os
import sys

from tests.processes import run_to_its_end


def run_tests(settings: str, *arguments: str, seconds: float = 600, **environment: str) -> None:
    """Run tests under other settings; all must pass."""
    options = [f"--ds={settings}", "-q", "-n", "0", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *arguments]
    finished = run_to_its_end(command, env={**os.environ, **environment}, seconds=seconds)
    assert finished.returncode == 0, finished.stdout + finished.stderr
