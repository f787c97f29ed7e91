"""What else one could write: ordinary Django views, from the bare floor to the vendor's design.

All of them keep their options in the package's own table, so that only the way there differs.
None knows a limit, and none keeps the column `size`, which only limits need.
"""
