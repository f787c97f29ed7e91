"""Credentials that the package itself does not issue: refresh tokens and ended webhooks."""

from __future__ import annotations

import secrets
from typing import Any

from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from django_user_options.models import InboundWebhook


def issue_refresh_token(access_token: str) -> str:
    """Return a refresh token that belongs to the access token."""
    access = get_access_token_model().objects.get(token=access_token)
    return (
        get_refresh_token_model()
        .objects.create(
            application=access.application,
            user=access.user,
            token=secrets.token_urlsafe(24),
            access_token=access,
        )
        .token
    )


def issue_webhook(*, expires_at: Any = None, **fields: Any) -> tuple[InboundWebhook, str]:
    """Issue a webhook, and let it end at a time that may be in the past."""
    webhook, secret = InboundWebhook.objects.issue(**fields)
    webhook.expires_at = expires_at
    webhook.save()
    return webhook, secret
