"""The tables: what names a row, what goes with its owner, how webhooks are found."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from django_user_options.models import AppOption, AppUserOption, InboundWebhook

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("form", [str, repr])
def test_an_option_is_named_by_its_key_never_by_its_value(
    application: Any, user: Any, form: Any
) -> None:
    stores = [
        AppUserOption.objects.for_owner(application, user),
        AppOption.objects.for_owner(application),
    ]
    for options in stores:
        options.set_options({"theme": "s3cret"})
        assert "theme" in form(options.get())
        assert "s3cret" not in form(options.get()) + repr(options)


def test_options_and_webhooks_go_with_their_user(application: Any, make_user: Any) -> None:
    ann, bob = make_user(), make_user()
    for user in (ann, bob):
        AppUserOption.objects.for_owner(application, user).set_options({"theme": "dark"})
        InboundWebhook.objects.issue(owner=user, application=application)
    AppOption.objects.for_owner(application).set_options({"theme": "dark"})
    ann.delete()
    assert AppUserOption.objects.get().user == bob
    assert InboundWebhook.objects.get().owner == bob
    assert AppOption.objects.exists()


def test_options_and_webhooks_go_with_their_application(application: Any, user: Any) -> None:
    AppUserOption.objects.for_owner(application, user).set_options({"theme": "dark"})
    AppOption.objects.for_owner(application).set_options({"theme": "dark"})
    InboundWebhook.objects.issue(owner=user, application=application)
    application.delete()
    for model in (AppUserOption, AppOption, InboundWebhook):
        assert not model.objects.exists()


def test_a_key_can_have_one_row_per_owner_only(application: Any, user: Any) -> None:
    stores = [
        AppUserOption.objects.for_owner(application, user),
        AppOption.objects.for_owner(application),
    ]
    for options in stores:
        options.set_options({"theme": "dark"})
        copy = options.get()
        copy.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)


def test_a_webhook_s_secret_is_long_random_and_kept_as_a_digest(user: Any) -> None:
    issued = [InboundWebhook.objects.issue(owner=user, title="Notes") for _ in range(3)]
    assert len({secret for _, secret in issued}) == 3
    for webhook, secret in issued:
        assert re.fullmatch("[0-9a-f]{32}", secret)
        webhook.refresh_from_db()
        assert webhook.secret_digest == hashlib.sha256(secret.encode()).hexdigest()
        assert secret not in str(vars(webhook))


def test_a_webhook_is_named_by_its_title_or_number(user: Any) -> None:
    titled, secret = InboundWebhook.objects.issue(owner=user, title="Notes")
    untitled, _ = InboundWebhook.objects.issue(owner=user)
    assert str(titled) == "Notes"
    assert str(untitled) == f"#{untitled.pk}"
    assert secret not in repr(titled)
    assert titled.secret_digest not in repr(titled)


def test_a_webhook_is_found_by_its_secret_alone(user: Any) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user)
    InboundWebhook.objects.issue(owner=user)
    assert InboundWebhook.objects.with_secret(secret).get() == webhook
    for wrong in ("", secret.upper(), secret[:-1], webhook.secret_digest, "\ud800", "\0"):
        assert not InboundWebhook.objects.with_secret(wrong).exists()


def test_expired_and_revoked_webhooks_are_not_usable(user: Any) -> None:
    now = timezone.now()
    past, future = now - timedelta(seconds=1), now + timedelta(hours=1)
    forever, _ = InboundWebhook.objects.issue(owner=user)
    running, _ = InboundWebhook.objects.issue(owner=user, expires_at=future)
    InboundWebhook.objects.issue(owner=user, expires_at=past)
    InboundWebhook.objects.issue(owner=user, revoked_at=past)
    InboundWebhook.objects.issue(owner=user, expires_at=future, revoked_at=past)
    assert set(InboundWebhook.objects.usable()) == {forever, running}


def test_a_webhook_has_no_administrator_rights_unless_given(user: Any) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    assert webhook.allow_admin is False
    assert webhook.application is None
