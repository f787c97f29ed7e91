"""The project under load: DEBUG off, persistent connections, SQLite as the README sets it up.

`NODES` holds the address of each node, with Django's OPTIONS as its query; the first is `default`.
"""

import os

import dj_database_url

from tests.settings import *  # noqa: F403

# Each call leaves a key behind, and one owner is to fill a disk.
USER_OPTIONS = {
    "MAX_KEYS_PER_OWNER": 1_000_000,
    "MAX_BYTES_PER_OWNER": 1024**3,
    "CALL_LIMIT": os.environ.get("CALL_LIMIT", ""),
}
SECRET_KEY = "not a secret, but the same in every process of a run"
DATABASES = {
    "default" if number == 1 else f"node{number}": dj_database_url.parse(
        url,
        # A pool keeps connections itself.
        conn_max_age=0 if "pool=true" in url else 60,
        conn_health_checks=True,
    )
    for number, url in enumerate(os.environ["NODES"].split(), 1)
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
