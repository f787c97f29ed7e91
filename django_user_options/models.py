"""The models: options of an application and a user, and webhooks that may write them."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from django_user_options.conf import KEY_LENGTH
from django_user_options.fields import JSONTextField, KeyField, encode_json
from django_user_options.querysets import AppOptionQuerySet, AppUserOptionQuerySet
from django_user_options.summaries import digest_of
from django_user_options.webhooks import InboundWebhookQuerySet, validate_networks


def _prefix_index(name: str) -> models.Index:
    """Return an index for searching keys by their beginning.

    Never index a column that every write changes: that would end PostgreSQL's HOT updates.
    """
    # PostgreSQL needs this class for LIKE 'prefix%'; other databases ignore it.
    return models.Index(fields=("key",), name=name, opclasses=("varchar_pattern_ops",))


class Option(models.Model):
    """One option of an application; write it only through the subclasses' querysets."""

    key = KeyField(_("key"), max_length=KEY_LENGTH)
    value = JSONTextField(_("value"))
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)
    application = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        # The unique constraint begins with this column and serves as its index.
        db_index=False,
        verbose_name=_("application"),
    )

    class Meta:
        abstract = True
        # Django's confirmation of a deletion reads rows by this manager, and names their owners.
        base_manager_name = "objects"

    def __str__(self) -> str:
        """Return the key and its owners, if they are loaded, but no value: it may be private."""
        key = Truncator(self.key).chars(60)
        loaded = self._state.fields_cache
        owners = ", ".join(str(loaded[role]) for role in ("application", "user") if role in loaded)
        return f"{key} ({owners})" if owners else key

    @property
    def digest(self) -> str:
        """The digest of the value; it changes when the value does."""
        return digest_of(encode_json(self.value))


class AppUserOption(Option):
    """One option that an application keeps for one user.

    Read and write through `AppUserOption.objects.for_owner(application, user)`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )

    objects = AppUserOptionQuerySet.as_manager()

    class Meta(Option.Meta):
        verbose_name = _("user option")
        verbose_name_plural = _("user options")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("application", "user", "key"), name="app_user_option_unique"
            )
        ]
        indexes: ClassVar = [_prefix_index("app_user_option_key")]
        permissions: ClassVar = [
            ("erase_person", "Can erase what applications keep about a person"),
        ]


class Overview(AppUserOption):
    """The admin's entry for the overview, which has no records of its own."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = verbose_name_plural = _("overview")


class AppOption(Option):
    """One option that an application keeps for itself.

    Read and write through `AppOption.objects.for_owner(application)`.
    """

    objects = AppOptionQuerySet.as_manager()

    class Meta(Option.Meta):
        verbose_name = _("application option")
        verbose_name_plural = _("application options")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("application", "key"), name="app_option_unique")
        ]
        indexes: ClassVar = [_prefix_index("app_option_key")]


class InboundWebhook(models.Model):
    """A credential in a URL. It acts as its owner and for its application, if any.

    Issue one through `InboundWebhook.objects.issue(owner=…)`, which returns the secret.
    """

    title = models.CharField(_("title"), max_length=255, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("owner"),
    )
    application = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("application"),
        help_text=_("Options need an application; without one their methods are refused."),
    )
    scope = models.TextField(
        _("scopes"), blank=True, help_text=_("Names of scopes, separated by spaces.")
    )
    allow_admin = models.BooleanField(
        _("administrator rights"),
        default=False,
        help_text=_("Lets the webhook use its owner's administrator rights."),
    )
    allowed_networks = models.TextField(
        _("allowed networks"),
        blank=True,
        default="",
        # During a deployment, servers with older code insert rows without these columns.
        db_default="",
        validators=(validate_networks,),
        help_text=_("IP addresses and networks, separated by spaces. Empty allows all."),
    )
    allowed_methods = models.TextField(
        _("allowed methods"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Names of REST methods, separated by spaces. Empty allows all."),
    )
    secret_digest = models.CharField(max_length=64, unique=True, editable=False)
    old_secret_digest = models.CharField(
        max_length=64, unique=True, null=True, blank=True, editable=False
    )
    old_secret_expires_at = models.DateTimeField(
        _("old secret expires"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    last_used_from = models.GenericIPAddressField(
        _("last used from"), null=True, blank=True, editable=False
    )

    objects = InboundWebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("inbound webhook")
        verbose_name_plural = _("inbound webhooks")
        permissions: ClassVar = [
            ("grant_any_scope", "Can issue inbound webhooks with any scope"),
        ]

    def __str__(self) -> str:
        """Return the title or the number, never the secret."""
        return self.title or f"#{self.pk}"

    @property
    def state(self) -> str:
        """Whether the webhook is `usable`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        is_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return "expired" if is_expired else "usable"

    def allows_address(self, address: str) -> bool:
        """Return whether calls may come from an IP address; an empty text is an unknown one."""
        networks = self.allowed_networks.split()
        if not networks or not address:
            return not networks
        return any(ip_address(address) in ip_network(network) for network in networks)
