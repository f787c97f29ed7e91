"""The project of the benchmark: nothing that costs every contender the same and flatters ratios.

No middleware, a connection that stays open, and DEBUG off. BENCHMARK_DATABASE holds JSON that
is merged into the database's settings; servers get it, as they use the database of the run.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

ROOT_URLCONF = "tests.benchmarks.contenders"
MIDDLEWARE = []
# A contender's failed call is counted; nobody reads why.
LOGGING = {
    "version": 1,
    "handlers": {"null": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["null"]},
}

_database: dict[str, Any] = DATABASES["default"]
_database["CONN_MAX_AGE"] = None
_database["TEST"] = {"NAME": f"test_benchmark_{os.getpid()}"}
if _database["ENGINE"].endswith("sqlite3"):
    # A file, and the options that the README advises.
    _database["NAME"] = f"{tempfile.gettempdir()}/test_benchmark_{os.getpid()}.sqlite3"
    _database["TEST"] = {"NAME": _database["NAME"]}
    _database["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
_database.update(json.loads(os.environ.get("BENCHMARK_DATABASE", "{}")))
