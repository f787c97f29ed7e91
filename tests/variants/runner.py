"""Runs tests in a project of their own: another process with other settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_tests(settings: str, *arguments: str, seconds: float = 600, **environment: str) -> None:
    """Run tests under other settings; all must pass."""
    options = [f"--ds={settings}", "-q", "-n", "0", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
