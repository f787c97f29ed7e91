"""What else one could write: ordinary Django views, from the bare floor to the vendor's design.

All of them keep their options in the package's own table, so that only the way there differs.
None knows a limit, and none keeps the column `size`, which only limits need.
"""

from __future__ import annotations

from django.db import connection

FLOOR = "floor"
FLOOR_IN_ONE = "floor in one statement"
OURS = "ours"
BULK_CREATE = "bulk_create"
BLOB = "blob"
UPDATE_OR_CREATE = "update_or_create"

_PATHS_TO_SET = {
    FLOOR: "/floor/set",
    FLOOR_IN_ONE: "/floor/set-in-one",
    OURS: "/rest/user.option.set",
    BULK_CREATE: "/bulk-create/",
    BLOB: "/blob/",
    UPDATE_OR_CREATE: "/update-or-create/",
}


def paths_to_set() -> dict[str, str]:
    """Return where each contender that this database can run takes `{"options": {…}}`."""
    cannot = set() if connection.vendor == "postgresql" else {FLOOR_IN_ONE}
    return {name: path for name, path in _PATHS_TO_SET.items() if name not in cannot}
