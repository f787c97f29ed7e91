"""System checks: what a host may have set wrongly, found before the first call.

Ids are never reused. Importing this package registers the checks.
"""

from django_user_options.checks import database_checks, setting_checks

__all__ = ["database_checks", "setting_checks"]
