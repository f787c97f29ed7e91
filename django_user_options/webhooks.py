"""Issuing, finding, revoking and addressing webhooks."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from django_user_options.conf import conf

if TYPE_CHECKING:
    from django_user_options.models import InboundWebhook


class InboundWebhookQuerySet(models.QuerySet["InboundWebhook"]):
    """Webhooks, and the only way to issue one."""

    def issue(self, *, owner: Any, **fields: Any) -> tuple[InboundWebhook, str]:
        """Create a webhook and return it with its secret, which is not stored and not shown again.

        Args:
            owner: The user that the webhook acts as.
            fields: Other fields of the model; `scope` defaults to `REQUIRED_SCOPES`.
        """
        fields.setdefault("scope", " ".join(conf.required_scopes))
        secret = new_secret()
        return self.create(owner=owner, **fields, secret_digest=digest(secret)), secret

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

    def with_secret(self, secret: str) -> Self:
        """Keep the webhook that has this secret, if there is one."""
        return self.filter(secret_digest=digest(secret))

    def revoke(self) -> int:
        """Revoke the webhooks that are not revoked yet, and return their number."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())

    # As with Django's `delete`: on the manager, this would affect all webhooks.
    revoke.queryset_only = True  # type: ignore[attr-defined]


def new_secret() -> str:
    """Return a secret of 128 random bits, in characters that need no quoting in a URL."""
    return secrets.token_hex(16)


def digest(secret: str) -> str:
    """Return the hash under which a webhook's secret is stored.

    A plain hash is enough, because a dictionary cannot contain 128 random bits.
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


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
