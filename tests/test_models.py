"""The tables: what names a row, and what is deleted with its owner."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.models import AppOption, AppUserOption, InboundWebhook

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_an_option_is_named_by_its_key_never_by_its_value(options: Any) -> None:
    options.set_options({"theme": "s3cret"})
    for form in (str, repr):
        assert "theme" in form(options.get())
        assert "s3cret" not in form(options.get()) + repr(options)


def test_options_and_webhooks_are_deleted_with_their_user_or_application(
    application: Any, make_user: Any
) -> None:
    ann, bob = make_user(), make_user()
    for user in (ann, bob):
        AppUserOption.objects.for_owner(application, user).set_options({"theme": "dark"})
        InboundWebhook.objects.issue(owner=user, application=application)
    AppOption.objects.for_owner(application).set_options({"theme": "dark"})
    ann.delete()
    assert AppUserOption.objects.get().user == bob
    assert InboundWebhook.objects.get().owner == bob
    assert AppOption.objects.exists()
    application.delete()
    for model in (AppUserOption, AppOption, InboundWebhook):
        assert not model.objects.exists()
