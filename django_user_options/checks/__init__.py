"""System checks that find wrong settings before the first call.

Ids are never reused. Importing this package registers the checks; README.md lists them.
"""

from django_user_options.checks import database_checks, project_checks, setting_checks

__all__ = ["database_checks", "project_checks", "setting_checks"]
