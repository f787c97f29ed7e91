"""The entry in `INSTALLED_APPS` of projects that open applications in frames."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Names the app and registers its system checks."""

    name = "django_user_options.portal"
    label = "user_options_portal"
    verbose_name = _("Application pages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the system checks."""
        from django_user_options.portal import checks  # noqa: F401, PLC0415
