"""Issuing, finding, rotating and revoking webhooks in Python."""

from __future__ import annotations

import hashlib
import re
import zlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.utils import timezone
from django.views.debug import ExceptionReporter

from django_user_options.models import InboundWebhook
from django_user_options.webhooks import new_secret
from tests.leaks import WEBHOOK
from tests.tokens import issue_webhook

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ENDS = (-HOUR, HOUR)


def test_a_webhook_holds_the_required_scopes_and_no_further_rights_unless_given(
    settings: Any, user: Any
) -> None:
    settings.USER_OPTIONS = {"REQUIRED_SCOPES": ["one", "two"]}
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    assert (webhook.scope, webhook.allow_admin, webhook.application) == ("one two", False, None)
    assert InboundWebhook.objects.issue(owner=user, scope="")[0].scope == ""


def test_a_webhook_is_in_one_state_only(user: Any) -> None:
    now, issue = timezone.now(), issue_webhook
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
    webhook, _ = issue_webhook(owner=user, expires_at=now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert list(InboundWebhook.objects.expired()) == [webhook]
    assert not InboundWebhook.objects.usable().exists()


def test_a_webhooks_secret_is_long_random_kept_as_a_digest_and_not_shown(user: Any) -> None:
    issued = [InboundWebhook.objects.issue(owner=user, title=title) for title in ("", "Notes")]
    assert [str(webhook) for webhook, _ in issued] == [f"#{issued[0][0].pk}", "Notes"]
    assert len({secret for _, secret in issued}) == 2
    # A checksum may begin with zeros.
    assert {len(new_secret()) for _ in range(200)} == {len("uow_") + 40}
    for webhook, secret in issued:
        digits = re.fullmatch("uow_([0-9a-f]{32})([0-9a-f]{8})", secret)
        assert digits is not None
        assert int(digits[2], 16) == zlib.crc32(digits[1].encode())
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


def test_a_secret_of_an_older_version_still_works(call: Any, user: Any) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    old = "0" * 32
    webhook.secret_digest = hashlib.sha256(old.encode()).hexdigest()
    webhook.save()
    assert call("profile", prefix=f"/rest/{user.pk}/{old}/").status_code == 200


@pytest.mark.database
def test_an_old_secret_works_until_the_overlap_ends(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook, first = InboundWebhook.objects.issue(owner=user)
    bystander, _ = InboundWebhook.objects.issue(owner=user)
    same, now = InboundWebhook.objects.filter(pk=webhook.pk), timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)

    def works(*secrets: Any) -> list[bool]:
        return [
            InboundWebhook.objects.with_secret(it).filter(pk=webhook.pk).exists() for it in secrets
        ]

    second = same.rotate(overlap=HOUR)
    assert works(first, second) == [True, True]
    assert same.get().old_secret_expires_at == now + HOUR
    monkeypatch.setattr(timezone, "now", lambda: now + HOUR)
    assert works(first, second) == [False, True]
    third = same.rotate(overlap=HOUR)
    assert works(first, second, third) == [False, True, True]
    fourth = same.rotate()
    assert same.get().old_secret_digest is None
    assert works(first, second, third, fourth) == [False, False, False, True]
    same.revoke()
    assert same.rotate() is None
    assert works(fourth) == [True]
    assert InboundWebhook.objects.get(pk=bystander.pk).old_secret_digest is None
    # The manager does not rotate all at once.
    assert not hasattr(InboundWebhook.objects, "rotate")


def test_new_webhooks_live_as_long_as_the_setting_says_unless_given(
    settings: Any, user: Any
) -> None:
    settings.USER_OPTIONS = {"WEBHOOK_LIFETIME_DAYS": 90}
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    assert abs(webhook.expires_at - timezone.now() - timedelta(days=90)) < HOUR
    assert InboundWebhook.objects.issue(owner=user, expires_at=None)[0].expires_at is None


@pytest.mark.database
@pytest.mark.parametrize("use_tz", [True, False])
def test_a_webhook_that_would_be_over_at_once_is_refused(
    user: Any, settings: Any, use_tz: bool
) -> None:
    settings.USE_TZ = use_tz
    for ago in (timedelta(0), HOUR):
        with pytest.raises(ValidationError, match="cannot expire in the past"):
            InboundWebhook.objects.issue(owner=user, expires_at=timezone.now() - ago)
    assert not InboundWebhook.objects.exists()
    soon = timezone.now() + timedelta(minutes=1)
    webhook, _ = InboundWebhook.objects.issue(owner=user, expires_at=soon)
    assert webhook.state == "usable"
    assert InboundWebhook.objects.usable().get() == webhook


def test_an_end_that_other_time_zones_cannot_represent_is_refused(user: Any) -> None:
    west, east = (timezone.get_fixed_timezone(timedelta(hours=hours)) for hours in (-12, 14))
    day, last = timedelta(days=1), datetime.max.replace(tzinfo=west)
    for end in (last, last - day):
        with pytest.raises(ValidationError, match="too far away"):
            InboundWebhook.objects.issue(owner=user, expires_at=end)
    webhook, _ = InboundWebhook.objects.issue(owner=user, expires_at=last - 2 * day)
    assert timezone.localtime(webhook.expires_at, east).year == 9999


def test_an_end_without_a_time_zone_is_read_in_that_of_the_project(
    user: Any, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Yekaterinburg"
    later = timezone.localtime(timezone.now() + HOUR).replace(tzinfo=None)
    with pytest.warns(RuntimeWarning, match="received a naive datetime"):
        webhook, _ = InboundWebhook.objects.issue(owner=user, expires_at=later)
    assert webhook.state == "usable"
    assert timezone.localtime(webhook.expires_at).replace(tzinfo=None) == later


@pytest.mark.parametrize(
    ("networks", "allowed", "refused"),
    [
        ("", ["192.0.2.1", ""], []),
        ("192.0.2.0/24 2001:db8::/32", ["192.0.2.1", "2001:db8::1"], ["192.0.3.1", "::1", ""]),
        ("192.0.2.1", ["192.0.2.1"], ["192.0.2.2"]),
    ],
)
def test_a_webhook_may_be_bound_to_networks(
    user: Any, networks: str, allowed: list[str], refused: list[str]
) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user, allowed_networks=networks)
    assert [it for it in allowed + refused if webhook.allows_address(it)] == allowed


@pytest.mark.parametrize(
    "networks",
    ["home", "192.0.2.1/24", "192.0.2.0/24,10.0.0.0/8", "1 2", "::ffff:192.0.2.1", "::ffff:0:0/96"],
)
def test_an_invalid_network_is_refused(user: Any, networks: str) -> None:
    with pytest.raises(ValidationError, match="is not a network such as"):
        InboundWebhook.objects.issue(owner=user, allowed_networks=networks)


@pytest.mark.database
def test_a_call_succeeds_if_its_use_cannot_be_recorded(
    user: Any, caplog: pytest.LogCaptureFixture
) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user)

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise DatabaseError
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        InboundWebhook.objects.record_use(webhook, "192.0.2.1")
    assert caplog.messages == [f"The use of webhook {webhook.pk} was not recorded: DatabaseError"]
    assert InboundWebhook.objects.get().last_used_at is None


@pytest.mark.parametrize("verb", ["issue", "rotate"])
def test_an_error_page_shows_no_secret(user: Any, verb: str) -> None:
    InboundWebhook.objects.issue(owner=user)

    def fail(*_: Any) -> Any:
        raise DatabaseError

    fields = {"owner": user} if verb == "issue" else {}
    with connection.execute_wrapper(fail), pytest.raises(DatabaseError) as caught:
        getattr(InboundWebhook.objects.all(), verb)(**fields)
    reporter = ExceptionReporter(None, caught.type, caught.value, caught.tb, is_email=True)
    page = reporter.get_traceback_html()
    assert verb in page
    assert not WEBHOOK.search(page)
