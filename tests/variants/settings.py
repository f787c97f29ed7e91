"""Projects that differ from the tests' own; the variable PROJECT chooses one."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES as OWN_DATABASES
from tests.settings import INSTALLED_APPS

PROJECT = os.environ["PROJECT"]


def _database(name):
    """Return the tests' database, with a test database of its own."""
    chosen = OWN_DATABASES["default"]
    in_memory = chosen["ENGINE"].endswith("sqlite3")
    own = {} if in_memory else {"NAME": f"test_{chosen['NAME']}_{name}"}
    return {**chosen, "TEST": own}


DATABASES = {"default": _database(PROJECT)}
if PROJECT == "members":
    # UUIDs as primary keys, e-mail addresses as names, an application with a field more, and
    # all of them in the second of two databases.
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.variants.members"]
    AUTH_USER_MODEL = "members.Member"
    OAUTH2_PROVIDER_APPLICATION_MODEL = "members.Client"
    USE_TZ = False
    DATABASES["other"] = _database("other")
    DATABASE_ROUTERS = ["tests.variants.routers.AccountsElsewhere"]
if PROJECT == "guests":
    # Text as primary keys, a manager that hides some users, and a database in a file.
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.variants.guests"]
    AUTH_USER_MODEL = "guests.Guest"
    # It is the default, written down.
    OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
    if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        # SQLite takes many writers at once only in a file with WAL.
        DATABASES["default"]["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "timeout": 20,
        }
        DATABASES["default"]["TEST"] = {"NAME": os.environ["SQLITE_FILE"]}
