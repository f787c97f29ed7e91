"""Where an application's page is, and which users have opened it."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

_DEFAULT_PORTS = {"http": 80, "https": 443}
_is_web_address = URLValidator(schemes=("http", "https"))


def origin_of(address: str) -> str:
    """Return the origin of an address, as browsers write it.

    Raises:
        ValueError: The port is too large.
    """
    parts = urlsplit(address)
    host = punycode(parts.hostname or "")
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


class ApplicationPage(models.Model):
    """The page that an OAuth application shows in a frame."""

    application = models.OneToOneField(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("application"),
    )
    title = models.CharField(_("title"), max_length=255)
    address = models.CharField(_("address"), max_length=2000, validators=[_is_web_address])
    install_address = models.CharField(
        _("installation address"),
        max_length=2000,
        blank=True,
        validators=[_is_web_address],
        help_text=_(
            "Administrators see this page until it reports that the installation is finished; "
            "until then, nobody else can open the application."
        ),
    )
    installed = models.BooleanField(
        _("installed"),
        default=False,
        help_text=_("Used only if there is an installation address."),
    )

    class Meta:
        verbose_name = _("application page")
        verbose_name_plural = _("application pages")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the portal's page."""
        return reverse("user_options_portal:page", args=[self.application.client_id])

    @property
    def awaits_installation(self) -> bool:
        """Whether an administrator has to install the application first."""
        return bool(self.install_address) and not self.installed

    @property
    def opened_address(self) -> str:
        """The address that the frame opens now."""
        return self.install_address if self.awaits_installation else self.address

    def clean(self) -> None:
        """Refuse an address whose origin the application does not list.

        Tokens are posted to this address. The browser would not let other origins call the REST
        methods, anyway.
        """
        application = getattr(self, "application", None)
        allowed = application.allowed_origins.split() if application else ()
        errors = {}
        for name in ("address", "install_address"):
            try:
                origin = origin_of(getattr(self, name)) if getattr(self, name) else ""
            except (KeyError, ValueError):
                errors[name] = ValidationError(_("This is not the address of a web page."))
            else:
                if application and origin and origin not in allowed:
                    text = _("Add %(origin)s to the allowed origins of the application first.")
                    errors[name] = ValidationError(text, params={"origin": origin})
        if errors:
            raise ValidationError(errors)


class ApplicationVisit(models.Model):
    """A user who has opened an application, with the tokens that its page gets."""

    application = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        # The unique constraint begins with this column and serves as its index.
        db_index=False,
        verbose_name=_("application"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )
    opened_at = models.DateTimeField(_("first opened"), default=timezone.now, editable=False)
    first_run = models.BooleanField(
        _("first run"),
        default=True,
        help_text=_("Whether the application has yet to greet this user as a new one."),
    )
    refresh_token = models.ForeignKey(
        oauth2_settings.REFRESH_TOKEN_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
    )

    class Meta:
        verbose_name = _("application visit")
        verbose_name_plural = _("application visits")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("application", "user"), name="application_visit_unique")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
