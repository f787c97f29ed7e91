"""System checks that find wrong settings before the first call.

Ids are never reused. Importing this package registers the checks; README.md lists them.
"""

from django_user_options.checks import (
    cors_checks,
    database_checks,
    deployment_checks,
    setting_checks,
)

__all__ = ["cors_checks", "database_checks", "deployment_checks", "setting_checks"]
