"""A project behind PgBouncer in transaction mode, as README.md says."""

from tests.settings import *  # noqa: F403

# A cursor of the server lives in one connection, and each transaction may run on another.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True  # noqa: F405
