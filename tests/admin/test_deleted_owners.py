"""Owners who are deleted between the check of a form and what it stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections

from django_user_options.models import AppUserOption, InboundWebhook
from tests.admin.screens import fields_of, url
from tests.races import deleted_before_insert

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("editable"),
]

GONE = "application or the user no longer exists"


@pytest.fixture(params=[False, True], ids=["", "ATOMIC_REQUESTS"], autouse=True)
def atomic_requests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", request.param)


def test_an_option_is_refused_with_a_message(
    page: Client, model: Any, application: Any, make_user: Any
) -> None:
    gone = make_user("gone") if model is AppUserOption else application
    fields = fields_of(model, application, gone, "theme", "1")
    with deleted_before_insert(gone, model):
        response = page.post(url(model, "add"), fields, follow=True)
    assert response.redirect_chain == [(url(model, "add"), 302)]
    assert GONE in response.text
    assert not model.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("role", ["owner", "application"])
def test_a_webhook_is_refused_with_a_message(
    page: Client, application: Any, make_user: Any, role: str
) -> None:
    fields = {"owner": make_user("gone"), "application": application}
    form = {name: instance.pk for name, instance in fields.items()}
    form |= {"expires_at_0": "", "expires_at_1": ""}
    with deleted_before_insert(fields[role], InboundWebhook):
        response = page.post(url(InboundWebhook, "add"), form, follow=True)
    assert response.status_code == 200
    assert GONE in response.text
    assert not InboundWebhook.objects.exists()
    assert not LogEntry.objects.exists()
