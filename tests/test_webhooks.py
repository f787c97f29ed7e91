"""Issuing, telling apart and revoking webhooks in Python."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_user_options.models import InboundWebhook

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_webhook_works_as_it_is_issued(call: Any, application: Any, user: Any) -> None:
    _, secret = InboundWebhook.objects.issue(owner=user, application=application)
    prefix = f"/rest/{user.pk}/{secret}/"
    assert call("user.option.set", {"options": {"a": 1}}, prefix=prefix).json()["result"] is True


def test_a_webhook_holds_the_required_scopes_unless_others_are_named(
    settings: Any, user: Any
) -> None:
    settings.USER_OPTIONS = {"REQUIRED_SCOPES": ["one", "two"]}
    assert InboundWebhook.objects.issue(owner=user)[0].scope == "one two"
    assert InboundWebhook.objects.issue(owner=user, scope="")[0].scope == ""


def test_a_webhook_is_in_one_state_only(user: Any) -> None:
    now, issue = timezone.now(), InboundWebhook.objects.issue
    states = {
        "usable": {issue(owner=user)[0], issue(owner=user, expires_at=now + HOUR)[0]},
        "expired": {issue(owner=user, expires_at=now - HOUR)[0]},
        "revoked": {issue(owner=user, revoked_at=now, expires_at=now - HOUR)[0]},
    }
    assert {name: set(getattr(InboundWebhook.objects, name)()) for name in states} == states


def test_revoking_is_final_and_counts_those_it_ended(user: Any) -> None:
    earlier = timezone.now() - HOUR
    InboundWebhook.objects.issue(owner=user)
    ended, _ = InboundWebhook.objects.issue(owner=user, revoked_at=earlier)
    assert InboundWebhook.objects.all().revoke() == 1
    ended.refresh_from_db()
    assert ended.revoked_at == earlier
    assert not InboundWebhook.objects.usable().exists()


def test_the_manager_does_not_revoke_all_at_once() -> None:
    assert not hasattr(InboundWebhook.objects, "revoke")


def test_neither_the_text_nor_the_repr_of_a_webhook_shows_its_secret(user: Any) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user, title="Nightly")
    assert str(webhook) == "Nightly"
    assert secret not in repr(webhook)
    assert webhook.secret_digest not in repr(webhook)
