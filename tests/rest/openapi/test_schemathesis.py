"""The running example against its own schema, with requests that schemathesis makes from it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.processes import ROOT, demo_served, environment, free_port, manage, run_to_its_end

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = Path(__file__).with_name("schemathesis.toml")
PHASES = "examples,coverage,fuzzing"


@pytest.fixture
def issued(tmp_path: Path) -> Iterator[Any]:
    """What the served demo printed."""
    port, env = free_port(), environment(tmp_path / "demo.sqlite3")
    credentials = json.loads(manage(env, "demo", "--credentials", "--port", port))
    with demo_served(env, port, tmp_path / "server.log"):
        yield credentials


@pytest.mark.openapi
def test_the_server_behaves_as_its_schema_says(issued: Any, tmp_path: Path) -> None:
    *_path, user_id, secret, _end = urlsplit(issued["webhook"]).path.split("/")
    env = {
        **os.environ,
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
        "REST_TOKEN": issued["admin_access_token"],
        "REST_USER_ID": user_id,
        "REST_SECRET": secret,
    }
    schema = issued["url"].removesuffix("rest/") + "schema/"
    options = ["--config-file", CONFIG, "run", schema, "--phases", PHASES]
    command = [sys.executable, "-m", "schemathesis.cli", *options]
    done = run_to_its_end(command, env=env, cwd=tmp_path, seconds=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Operations:       40 selected" in done.stdout
