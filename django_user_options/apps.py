"""The app's entry in `INSTALLED_APPS`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UserOptionsConfig(AppConfig):
    """The app's name and its system checks."""

    name = "django_user_options"
    verbose_name = _("User options")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks by importing them, and the widget for JSON values."""
        from django_user_options import checks, resource_widgets  # noqa: F401, PLC0415

        resource_widgets.register_widget()
