"""The list of webhooks: what it finds, what it costs, and revoking."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from django_user_options.models import InboundWebhook
from tests.admin.screens import WEBHOOKS, screen, statements

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

LATER = timedelta(days=1)


def _titles(response: HttpResponse) -> list[str]:
    return [webhook.title for webhook in response.context["cl"].result_list]


def _revoke(client: Client, *webhooks: InboundWebhook) -> HttpResponse:
    selected = [webhook.pk for webhook in webhooks]
    return client.post(WEBHOOKS, {"action": "revoke", "_selected_action": selected}, follow=True)


def test_the_list_shows_the_state_and_filters_by_it(
    page: Client, user: Any, make_user: Any
) -> None:
    now = timezone.now()
    for title, fields in {
        "usable": {"expires_at": now + 31 * LATER},
        "ends soon": {"expires_at": now + LATER},
        "expired": {"expires_at": now - LATER},
        "revoked": {"expires_at": now - LATER, "revoked_at": now},
    }.items():
        InboundWebhook.objects.issue(owner=user, title=title, **fields)
    left = make_user("left", is_active=False)
    InboundWebhook.objects.issue(owner=left, title="owner inactive")
    page_of_list = screen(page, WEBHOOKS)
    assert page_of_list.column(1) == page_of_list.column(2)
    for state in ("expired", "revoked"):
        assert _titles(page.get(WEBHOOKS, {"state": state})) == [state]
    usable = ["owner inactive", "ends soon", "usable"]
    assert _titles(page.get(WEBHOOKS, {"state": "usable"})) == usable


def test_search_finds_title_client_id_and_the_owner_by_any_name(
    page: Client, webhook: InboundWebhook, user: Any, make_user: Any
) -> None:
    InboundWebhook.objects.issue(owner=make_user("zed"), title="Other")
    assert webhook.application is not None
    client_id, name = webhook.application.client_id, webhook.owner.get_username()
    type(user).objects.filter(pk=user.pk).update(email="zoe@example.org")
    for query in ("syn", client_id, name.upper()[1:], f"yn {name}", '"Sync"', "zoe@"):
        assert _titles(page.get(WEBHOOKS, {"q": query})) == ["Sync"]
    for query in ("syn zed", client_id[:-1], webhook.secret_digest):
        assert _titles(page.get(WEBHOOKS, {"q": query})) == []


@pytest.mark.parametrize(
    ("lookup", "value"),
    [
        ("title__regex", "("),
        ("id__in", "9" * 30),
        ("created_at__year", "9" * 30),
        ("secret_digest__startswith", "0"),
    ],
)
def test_an_address_cannot_filter_in_ways_of_no_filter(
    page: Client, webhook: InboundWebhook, lookup: str, value: str
) -> None:
    assert page.get(WEBHOOKS, {lookup: value}).status_code == 400


@pytest.mark.database
@pytest.mark.parametrize(
    ("lookup", "value"),
    [
        ("owner", "9" * 30),
        ("created_at__gte", "9999-12-31T23:59:59-14:00"),
        ("expires_at", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_value_that_no_row_can_hold_finds_nothing_or_leads_back_to_the_list(
    page: Client, webhook: InboundWebhook, lookup: str, value: str
) -> None:
    answer = page.get(WEBHOOKS, {lookup: value}, follow=True)
    # SQLite cannot compare with such a value; PostgreSQL and MariaDB find no equal.
    led_back = answer.redirect_chain == [(f"{WEBHOOKS}?e=1", 302)]
    assert list(answer.context["cl"].result_list) == ([webhook] if led_back else [])


def test_each_filter_of_the_list_can_be_followed(page: Client, webhook: InboundWebhook) -> None:
    listed = page.get(WEBHOOKS).context["cl"]
    choices = [
        choice["query_string"]
        for spec in listed.filter_specs
        for choice in spec.choices(listed)
        if "query_string" in choice
    ]
    assert len(choices) > 10
    assert {page.get(WEBHOOKS + choice).status_code for choice in choices} == {200}


def test_the_list_filters_by_an_application(
    page: Client, webhook: InboundWebhook, make_application: Any, user: Any
) -> None:
    InboundWebhook.objects.issue(owner=user, application=make_application(name="Of another"))
    answer = page.get(WEBHOOKS, {"application": webhook.application_id, "_facets": "True"})
    assert list(answer.context["cl"].result_list) == [webhook]


@pytest.mark.database
def test_the_list_takes_as_many_statements_for_twenty_webhooks_as_for_one(
    page: Client, make_user: Any, make_application: Any
) -> None:
    def issue() -> None:
        InboundWebhook.objects.issue(owner=make_user(), application=make_application())

    issue()
    few = len(statements(page, WEBHOOKS))
    for _ in range(19):
        issue()
    assert len(statements(page, WEBHOOKS)) == few


def test_revoking_takes_effect_once_and_is_logged(
    page: Client, webhook: InboundWebhook, user: Any, administrator: Any
) -> None:
    other, _ = InboundWebhook.objects.issue(owner=user)
    assert "1 webhook was revoked." in _revoke(page, webhook).text
    webhook.refresh_from_db()
    first = webhook.revoked_at
    assert first is not None
    _revoke(page, webhook, other)
    webhook.refresh_from_db()
    assert webhook.revoked_at == first
    assert not InboundWebhook.objects.usable().exists()
    logged = LogEntry.objects.filter(user=administrator, action_flag=CHANGE).order_by("pk")
    assert [entry.object_id for entry in logged] == [str(webhook.pk), str(other.pk)]
    assert {entry.get_change_message() for entry in logged} == {"Changed revoked."}


def test_revoking_needs_the_permission_to_change(
    staff_page: Client, staff: Any, webhook: InboundWebhook
) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename="view_inboundwebhook"))
    assert "revoke" not in str(staff_page.get(WEBHOOKS).context["action_form"])
    _revoke(staff_page, webhook)
    assert InboundWebhook.objects.usable().exists()
