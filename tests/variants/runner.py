"""Runs a module of facts in a host of its own: another process with other settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_facts(host: str, *modules: str, **environment: str) -> None:
    """Run the modules of facts under the settings of the host; all must hold."""
    paths = [f"tests/variants/{module}.py" for module in modules]
    options = [f"--ds=tests.variants.{host}", "-q", "-p", "no:cacheprovider", "--create-db"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *paths],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
