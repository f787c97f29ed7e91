"""A host whose database stands many writers at once; SQLite needs a file and WAL for that."""

import os

from tests.settings import *  # noqa: F403
from tests.variants.databases import database

DATABASES = {"default": database("writers")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "timeout": 20,
    }
    DATABASES["default"]["TEST"] = {"NAME": os.environ["SQLITE_FILE"]}
