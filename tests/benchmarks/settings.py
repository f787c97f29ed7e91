"""The host of the benchmark: nothing that costs every contender the same and flatters ratios.

No middleware, a connection that stays open, and DEBUG off. BENCHMARK_DATABASE holds JSON that
is merged into the database's settings; the deployment part varies them so.
"""

from __future__ import annotations

import json
import os
import tempfile

from tests.settings import *  # noqa: F403

_test_database = f"test_benchmark_{os.getpid()}"

ROOT_URLCONF = "tests.benchmarks.urls"
MIDDLEWARE = []
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
DATABASES["default"]["TEST"] = {"NAME": _test_database}  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {  # noqa: F405
        "NAME": f"{tempfile.gettempdir()}/{_test_database}.sqlite3"
    }
    # As the README advises.
    DATABASES["default"]["OPTIONS"] = {  # noqa: F405
        "init_command": "PRAGMA journal_mode=WAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
DATABASES["default"].update(json.loads(os.environ.get("BENCHMARK_DATABASE", "{}")))  # noqa: F405
# A contender that fails is counted, not read about.
LOGGING = {"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}}
