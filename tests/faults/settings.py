"""The host under load: DEBUG off, persistent connections, SQLite as the README sets it up."""

import os

import dj_database_url

from tests.settings import *  # noqa: F403

# Each call leaves a key behind, and one owner is to fill a disk.
USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 1_000_000, "MAX_BYTES_PER_OWNER": 1024**3}
SECRET_KEY = "not a secret, but the same in every process of a run"
DATABASES = {
    "default": dj_database_url.config(
        conn_max_age=60,
        conn_health_checks=os.environ.get("FAULTS_HEALTH_CHECKS", "on") == "on",
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
if os.environ.get("FAULTS_ISOLATION"):
    # The driver counts the levels from 1, READ UNCOMMITTED, to 4, SERIALIZABLE.
    DATABASES["default"]["OPTIONS"] = {"isolation_level": int(os.environ["FAULTS_ISOLATION"])}
