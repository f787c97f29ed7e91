"""The app's entry in `INSTALLED_APPS`."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class UserOptionsConfig(AppConfig):
    """Names the app, registers its system checks and finds the project's REST methods."""

    name = "django_user_options"
    verbose_name = _("User options")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the system checks, the widget for JSON values, and each app's `rest_methods`.

        With django-cors-headers, import also the rule of which origins may call them.
        """
        from django_user_options import checks, fields  # noqa: F401, PLC0415

        fields.register_widget()
        autodiscover_modules("rest_methods")
        if apps.is_installed("corsheaders"):
            from django_user_options.rest import cors  # noqa: F401, PLC0415
