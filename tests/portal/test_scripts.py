"""The scripts for browsers."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

import pytest

from django_user_options import portal
from tests.npm import installed

FOLDER = Path(portal.__file__).parent / "static/django_user_options/portal"


@pytest.mark.parametrize(("script", "limit"), [("portal.js", 8_000), ("bx24.js", 12_000)])
def test_the_scripts_are_small_even_with_their_comments(script: str, limit: int) -> None:
    assert len(gzip.compress((FOLDER / script).read_bytes())) < limit


@pytest.mark.sdk
def test_the_scripts_are_clean() -> None:
    folder = installed("eslint@9.39.1", "@eslint/js@9.39.1", "globals@16.5.0")
    config = Path(__file__).with_name("eslint.config.mjs")
    command = ["node_modules/.bin/eslint", "--max-warnings", "0", "--config", str(config), "."]
    done = subprocess.run(
        [folder / command[0], *command[1:]],
        cwd=FOLDER,
        env={**os.environ, "NPM_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
