"""What else one could write: ordinary Django views, from the bare floor to the vendor's design.

All of them keep their options in the package's own table, so that only the way there differs.
None knows a limit, and none keeps the column `size`, which only limits need.
"""

FLOOR = "floor"
OURS = "ours"
BULK_CREATE = "bulk_create"
BLOB = "blob"
UPDATE_OR_CREATE = "update_or_create"

# Where each contender takes `{"options": {…}}`.
PATHS_TO_SET = {
    FLOOR: "/floor/set",
    OURS: "/rest/user.option.set",
    BULK_CREATE: "/bulk-create/",
    BLOB: "/blob/",
    UPDATE_OR_CREATE: "/update-or-create/",
}
# Where some take a call for all options, and by which HTTP method.
PATHS_TO_GET_ALL = {
    FLOOR: ("/floor/get-all", "POST"),
    OURS: ("/rest/user.option.get", "POST"),
    BULK_CREATE: ("/bulk-create/", "GET"),
    BLOB: ("/blob/", "GET"),
}
