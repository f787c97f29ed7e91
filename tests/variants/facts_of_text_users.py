"""What holds with text as the users' key, users that a manager hides, and links to webhooks."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from django_user_options.admin import AppUserOptionAdmin
from django_user_options.models import AppUserOption, InboundWebhook
from tests.admin.screens import application_url, listed, logged_in, owner_url, person_url
from tests.variants.guests.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(administrator: Any) -> Client:
    return logged_in(administrator)


def test_the_admin_shows_options_of_users_that_the_project_hides(
    page: Client, application: Any, make_user: Callable[..., Any]
) -> None:
    user = make_user("olga")
    AppUserOption.objects.for_owner(application, user).set_options({"theme": "dark"})
    user.left_at = timezone.now()
    user.save()
    assert not get_user_model().objects.filter(pk=user.pk).exists()
    assert page.get(owner_url(application, user)).status_code == 200
    answer = page.get(application_url(application))
    assert [row["name"] for row in answer.context["stored"]["users"]["rows"]] == [user]
    assert page.get(person_url(user)).status_code == 200
    assert listed(page, AppUserOption, q="olg") == ["theme"]
    assert listed(page, AppUserOption, user=user.pk) == ["theme"]


def test_the_admin_hides_owners_as_the_projects_admin_does_but_not_those_who_left(
    make_user: Callable[..., Any], rf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = get_user_model()
    registered = admin.ModelAdmin(model, admin.site)
    monkeypatch.setitem(admin.site._registry, model, registered)
    left = make_user(left_at=timezone.now())
    hidden, shown = make_user(), make_user()
    own = AppUserOptionAdmin(AppUserOption, admin.site)
    everybody = own.shown_owners(rf.get("/"), model)
    assert set(everybody) == {left, hidden, shown}
    # A condition would slow down every list.
    assert not everybody.query.where
    rest = model.objects.exclude(pk=hidden.pk)
    monkeypatch.setattr(registered, "get_queryset", lambda request: rest)
    assert set(own.shown_owners(rf.get("/"), model)) == {left, shown}


@pytest.mark.parametrize("user_id", ["a\0", "\0", "a" * 300, "\ud800"], ids=ascii)
def test_a_user_id_that_no_database_holds_names_nobody(
    user_id: str, call: Any, make_token: Any, application: Any, administrator: Any
) -> None:
    token = make_token(application, administrator)
    answer = call("user.option.get", {"user_id": user_id}, token=token)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "ArgumentTypeException",
        "error_description": "user_id must be the id of a user",
    }


def test_deleted_webhooks_are_counted_without_what_points_to_them(user: Any) -> None:
    out = StringIO()
    erase = ("person", "erase", user.get_username(), "--also", "webhooks", "--no-input")
    for words in (("purge", "webhooks"), erase):
        webhook, _ = InboundWebhook.objects.issue(owner=user, revoked_at=timezone.now())
        Delivery.objects.create(webhook=webhook)
        call_command("user_options", *words, stdout=out)
        assert not Delivery.objects.exists()
    assert out.getvalue() == "1 webhook deleted.\n0 options, 1 webhook, 0 tokens erased.\n"
