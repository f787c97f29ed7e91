"""Owners exist while their options are written; no other error is reported as a missing owner."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, IntegrityError

from django_user_options.exceptions import OwnerGoneError
from django_user_options.models import InboundWebhook
from django_user_options.owners import owners_must_exist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_nothing_is_written_for_an_owner_deleted_meanwhile(user: Any, application: Any) -> None:
    owners = [user, application]
    type(user).objects.all().delete()
    with pytest.raises(OwnerGoneError), owners_must_exist(owners, using=DEFAULT_DB_ALIAS):
        InboundWebhook.objects.issue(owner=user, application=application)
    assert not InboundWebhook.objects.exists()


def test_another_violation_is_not_reported_as_a_missing_owner(user: Any) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    with pytest.raises(IntegrityError), owners_must_exist([user], using=DEFAULT_DB_ALIAS):
        InboundWebhook.objects.create(owner=user, secret_digest=webhook.secret_digest)
    assert InboundWebhook.objects.get() == webhook
