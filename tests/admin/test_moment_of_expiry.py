"""The admin and the REST methods agree on when a webhook ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from django_user_options.admin.webhook_admin import state_of
from django_user_options.models import InboundWebhook

if TYPE_CHECKING:
    import pytest


def test_a_webhook_is_shown_as_expired_at_the_very_moment(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    webhook, _ = InboundWebhook.objects.issue(owner=user, expires_at=now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert "expired" in state_of(webhook)
    assert not InboundWebhook.objects.usable().exists()
