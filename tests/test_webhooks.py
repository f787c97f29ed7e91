"""Issuing, telling apart and revoking webhooks in Python."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_user_options.models import InboundWebhook

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ENDS = (-HOUR, HOUR)


def test_a_webhook_works_as_it_is_issued(call: Any, application: Any, user: Any) -> None:
    _, secret = InboundWebhook.objects.issue(owner=user, application=application)
    prefix = f"/rest/{user.pk}/{secret}/"
    assert call("user.option.set", {"options": {"a": 1}}, prefix=prefix).json()["result"] is True


def test_a_webhook_holds_the_required_scopes_and_no_further_rights_unless_given(
    settings: Any, user: Any
) -> None:
    settings.USER_OPTIONS = {"REQUIRED_SCOPES": ["one", "two"]}
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    assert (webhook.scope, webhook.allow_admin, webhook.application) == ("one two", False, None)
    assert InboundWebhook.objects.issue(owner=user, scope="")[0].scope == ""


def test_a_webhook_is_in_one_state_only(user: Any) -> None:
    now, issue = timezone.now(), InboundWebhook.objects.issue
    states = {
        "usable": {issue(owner=user)[0], issue(owner=user, expires_at=now + HOUR)[0]},
        "expired": {issue(owner=user, expires_at=now - HOUR)[0]},
        "revoked": {issue(owner=user, revoked_at=now, expires_at=now + end)[0] for end in ENDS},
    }
    states["revoked"].add(issue(owner=user, revoked_at=now - HOUR)[0])
    assert {name: set(getattr(InboundWebhook.objects, name)()) for name in states} == states


def test_revoking_is_final_and_counts_those_it_ended(user: Any) -> None:
    earlier = timezone.now() - HOUR
    InboundWebhook.objects.issue(owner=user)
    ended, _ = InboundWebhook.objects.issue(owner=user, revoked_at=earlier)
    assert InboundWebhook.objects.all().revoke() == 1
    ended.refresh_from_db()
    assert ended.revoked_at == earlier
    assert not InboundWebhook.objects.usable().exists()
    # The manager does not revoke all at once.
    assert not hasattr(InboundWebhook.objects, "revoke")


def test_a_webhook_expires_at_the_very_moment(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    webhook, _ = InboundWebhook.objects.issue(owner=user, expires_at=now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert list(InboundWebhook.objects.expired()) == [webhook]
    assert not InboundWebhook.objects.usable().exists()


def test_a_webhook_s_secret_is_long_random_kept_as_a_digest_and_not_shown(user: Any) -> None:
    issued = [InboundWebhook.objects.issue(owner=user, title=title) for title in ("", "Notes")]
    assert [str(webhook) for webhook, _ in issued] == [f"#{issued[0][0].pk}", "Notes"]
    assert len({secret for _, secret in issued}) == 2
    for webhook, secret in issued:
        assert re.fullmatch("[0-9a-f]{32}", secret)
        webhook.refresh_from_db()
        assert webhook.secret_digest == hashlib.sha256(secret.encode()).hexdigest()
        assert secret not in f"{vars(webhook)} {webhook!r}"
        assert webhook.secret_digest not in repr(webhook)


def test_a_webhook_is_found_by_its_secret_alone(user: Any) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user)
    InboundWebhook.objects.issue(owner=user)
    assert InboundWebhook.objects.with_secret(secret).get() == webhook
    for wrong in ("", secret.upper(), secret[:-1], webhook.secret_digest, "\ud800", "\0"):
        assert not InboundWebhook.objects.with_secret(wrong).exists()
