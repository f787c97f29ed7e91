"""Issuing, finding, rotating, revoking and addressing webhooks."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import date, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, router, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_user_options.conf import conf
from django_user_options.security import report

if TYPE_CHECKING:
    from django_user_options.models import InboundWebhook

logger = logging.getLogger("django_user_options")

# How often the use of a webhook is recorded.
_USE_INTERVAL = timedelta(minutes=1)


class InboundWebhookQuerySet(models.QuerySet["InboundWebhook"]):
    """Webhooks, and the only way to issue one."""

    @sensitive_variables()
    def issue(
        self, *, owner: Any, cause: object = None, **fields: Any
    ) -> tuple[InboundWebhook, str]:
        """Create a webhook and return it with its secret, which is not stored and not shown again.

        Args:
            owner: The user that the webhook acts as.
            cause: Who or what issues it, for receivers of `security_event`.
            fields: Other fields of the model; `scope` defaults to `REQUIRED_SCOPES`, and
                `expires_at` to the end of `WEBHOOK_LIFETIME_DAYS`.

        Raises:
            ValidationError: `allowed_networks` contains something else, or `expires_at` is in the
                past or too far away.
        """
        fields.setdefault("scope", " ".join(conf.required_scopes))
        fields.setdefault("expires_at", default_expiry())
        # Without a time zone, it could be saved, but the webhook's state could not be read.
        expiry = self.model._meta.get_field("expires_at")  # noqa: SLF001
        fields["expires_at"] = expiry.get_prep_value(fields["expires_at"])
        validate_expiry(fields["expires_at"])
        validate_networks(fields.get("allowed_networks", ""))
        secret = new_secret()
        webhook = self.create(owner=owner, **fields, secret_digest=digest(secret))
        report_webhook("webhook_issued", webhook, cause=cause)
        return webhook, secret

    def usable(self) -> Self:
        """Keep the webhooks that are neither revoked nor expired."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(alive, revoked_at=None)

    def expired(self) -> Self:
        """Keep the webhooks that have expired and were not revoked."""
        return self.filter(expires_at__lte=timezone.now(), revoked_at=None)

    def revoked(self) -> Self:
        """Keep the webhooks that have been revoked."""
        return self.exclude(revoked_at=None)

    @sensitive_variables()
    def with_secret(self, secret: str) -> Self:
        """Keep the webhook that has this secret, or had it and still accepts it."""
        known = digest(secret)
        old = models.Q(old_secret_digest=known, old_secret_expires_at__gt=timezone.now())
        return self.filter(models.Q(secret_digest=known) | old)

    @sensitive_variables()
    def rotate(self, *, overlap: timedelta = timedelta(), cause: object = None) -> str | None:
        """Give the one usable webhook of this queryset a new secret, and return that.

        Args:
            overlap: How long the old secret keeps working. Any secret before that one ends.
            cause: Who or what rotates it, for receivers of `security_event`.

        Returns:
            The new secret, or None if there is no usable webhook.
        """
        secret = new_secret()
        webhook = self.usable().select_related("owner", "application").first()
        rotated = self.usable().update(
            # First, because MySQL and MariaDB assign from left to right.
            old_secret_digest=models.F("secret_digest") if overlap else None,
            old_secret_expires_at=timezone.now() + overlap if overlap else None,
            secret_digest=digest(secret),
        )
        if webhook is None or not rotated:
            return None
        report_webhook("webhook_rotated", webhook, cause=cause)
        return secret

    def record_use(self, webhook: InboundWebhook, address: str) -> None:
        """Record when and from where a webhook was used, at most once a minute.

        A failure is only logged, because the call itself may only read.
        """
        now = timezone.now()
        before = now - _USE_INTERVAL
        if webhook.last_used_at is not None and webhook.last_used_at > before:
            return
        # Of several calls at once, one writes.
        due = models.Q(last_used_at=None) | models.Q(last_used_at__lte=before)
        try:
            with transaction.atomic(using=router.db_for_write(self.model)):
                self.filter(due, pk=webhook.pk).update(
                    last_used_at=now, last_used_from=address or None
                )
        except DatabaseError as error:
            logger.warning(
                "The use of webhook %s was not recorded: %s", webhook.pk, type(error).__name__
            )

    def revoke(self, *, cause: object = None) -> int:
        """Revoke the webhooks that are not revoked yet, and return their number.

        `cause` says who or what revokes them, for receivers of `security_event`.
        """
        remaining = self.filter(revoked_at=None)
        for webhook in remaining.select_related("owner", "application"):
            report_webhook("webhook_revoked", webhook, cause=cause)
        return remaining.update(revoked_at=timezone.now())

    # As with Django's `delete`: on the manager, these would affect all webhooks.
    revoke.queryset_only = True  # type: ignore[attr-defined]
    rotate.queryset_only = True  # type: ignore[attr-defined]


def report_webhook(event: str, webhook: InboundWebhook, *, cause: object) -> None:
    """Report what happened to a webhook, once that is committed."""
    send = partial(
        report,
        event,
        outcome="done",
        credential="webhook",
        credential_id=webhook.pk,
        application=webhook.application,
        user=webhook.owner,
        cause=cause,
    )
    transaction.on_commit(send, using=webhook._state.db)  # noqa: SLF001


def new_secret() -> str:
    """Return a secret of 128 random bits, in a form that scanners of code and logs recognize.

    The form is `uow_[0-9a-f]{40}`; the last 8 digits are the CRC-32 of the 32 before them. Older
    secrets are 32 digits without a prefix.
    """
    digits = secrets.token_hex(16)
    return f"uow_{digits}{crc32(digits.encode()):08x}"


def default_expiry() -> datetime | None:
    """Return when a webhook issued now expires, or None if it does not."""
    days = conf.webhook_lifetime_days
    return None if days is None else timezone.now() + timedelta(days=days)


def validate_expiry(moment: datetime | None) -> None:
    """Check that a webhook could still be used if it expired then.

    Raises:
        ValidationError: It is in the past, or on one of the last two possible days, which not
            every time zone can represent.
    """
    if moment is None:
        return
    if moment.date() > date.max - timedelta(days=2):
        text = _("This date is too far away. Leave it empty for a webhook that does not expire.")
        raise ValidationError(text, code="out_of_range")
    if moment <= datetime.now(moment.tzinfo):
        text = _(
            "A webhook cannot expire in the past. Choose a later time, or revoke the webhook to "
            "end it now."
        )
        raise ValidationError(text, code="past")


def validate_networks(text: str) -> None:
    """Check that a text consists of IP addresses and networks, separated by spaces.

    Raises:
        ValidationError: It contains something else, or IPv4 in the form of IPv6. Calls from there
            count as IPv4, so that form would never match.
    """
    for network in text.split():
        try:
            first = ip_network(network).network_address
        except ValueError:
            first = None
        if first is None or getattr(first, "ipv4_mapped", None):
            message = _("“%(network)s” is not a network such as 192.0.2.0/24 or 2001:db8::/32.")
            raise ValidationError(message, params={"network": network})


def digest(secret: str) -> str:
    """Return the hash under which a webhook's secret is stored.

    A plain hash is enough, because a dictionary cannot contain 128 random bits.
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@sensitive_variables()
def webhook_path(webhook: InboundWebhook, secret: str) -> str | None:
    """Return the URL path to which a method name is appended.

    Returns `None` if the project does not include the URLs of the REST methods.
    """
    method = "user.option.get"
    arguments = {"user_id": webhook.owner_id, "secret": secret, "method": method}
    try:
        path = reverse("django_user_options:webhook-method", kwargs=arguments)
    except NoReverseMatch:
        return None
    return path.removesuffix(method)
