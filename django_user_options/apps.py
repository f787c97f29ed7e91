"""The app's entry in `INSTALLED_APPS`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UserOptionsConfig(AppConfig):
    """Names the app and registers its system checks."""

    name = "django_user_options"
    verbose_name = _("User options")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks by importing them."""
        from django_user_options import checks  # noqa: F401, PLC0415
