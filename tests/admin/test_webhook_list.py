"""The list of webhooks, and who may issue, extend, revoke or take over which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from django_user_options.models import InboundWebhook
from tests.admin.screens import WEBHOOKS, Screen, errors, screen, url, webhook_form
from tests.tokens import issue_webhook

LATER = timedelta(days=1)
DIGESTS = ("secret_digest", "old_secret_digest")


def _titles(response: Any) -> list[str]:
    return [webhook.title for webhook in response.context["cl"].result_list]


def _revoke(client: Any, *webhooks: InboundWebhook, **fields: Any) -> Any:
    selected = [webhook.pk for webhook in webhooks]
    fields = {"action": "revoke", "_selected_action": selected, "post": "yes", **fields}
    return client.post(WEBHOOKS, fields, follow=True)


def test_the_list_shows_the_state_and_filters_by_it(page: Any, user: Any, make_user: Any) -> None:
    now = timezone.now()
    for title, fields in {
        "usable": {"expires_at": now + 31 * LATER},
        "ends soon": {"expires_at": now + LATER},
        "expired": {"expires_at": now - LATER},
        "revoked": {"expires_at": now - LATER, "revoked_at": now},
    }.items():
        issue_webhook(owner=user, title=title, **fields)
    left = make_user("left", is_active=False)
    InboundWebhook.objects.issue(owner=left, title="owner inactive")
    page_of_list = screen(page, WEBHOOKS)
    assert page_of_list.column(1) == page_of_list.column(2)
    for state in ("expired", "revoked"):
        assert _titles(page.get(WEBHOOKS, {"state": state})) == [state]
    usable = ["owner inactive", "ends soon", "usable"]
    assert _titles(page.get(WEBHOOKS, {"state": "usable"})) == usable


def test_the_list_shows_days_so_that_all_columns_fit(page: Any, webhook: InboundWebhook) -> None:
    webhook.created_at = webhook.last_used_at = datetime(2026, 1, 2, 12, tzinfo=UTC)
    webhook.save()
    seen = screen(page, WEBHOOKS)
    assert seen.column(6) == seen.column(7) == ["01/02/2026"]


def test_a_webhook_is_expired_at_the_very_moment(
    page: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    issue_webhook(owner=user, expires_at=now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert screen(page, WEBHOOKS).column(2) == ["expired"]
    assert not InboundWebhook.objects.usable().exists()


def test_search_finds_title_client_id_and_the_owner_by_any_name(
    page: Any, webhook: InboundWebhook, user: Any, make_user: Any
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
        *((f"{name}{kind}", "0") for name in DIGESTS for kind in ("", "__gte", "__startswith")),
    ],
)
def test_a_url_allows_only_the_lookups_of_the_filters(
    page: Any, webhook: InboundWebhook, lookup: str, value: str
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
def test_an_impossible_value_finds_nothing_or_redirects_to_the_list(
    page: Any, webhook: InboundWebhook, lookup: str, value: str
) -> None:
    answer = page.get(WEBHOOKS, {lookup: value}, follow=True)
    # SQLite cannot compare with such a value; PostgreSQL and MariaDB find no equal.
    led_back = answer.redirect_chain == [(f"{WEBHOOKS}?e=1", 302)]
    assert list(answer.context["cl"].result_list) == ([webhook] if led_back else [])


def test_each_filter_of_the_list_can_be_followed(
    page: Any, webhook: InboundWebhook, make_application: Any, user: Any
) -> None:
    InboundWebhook.objects.issue(owner=user, application=make_application(name="Of another"))
    listed = page.get(WEBHOOKS, {"application": webhook.application_id, "_facets": "True"})
    changelist = listed.context["cl"]
    assert list(changelist.result_list) == [webhook]
    choices = [
        choice["query_string"]
        for spec in changelist.filter_specs
        for choice in spec.choices(changelist)
        if "query_string" in choice
    ]
    assert len(choices) > 10
    assert {page.get(WEBHOOKS + choice).status_code for choice in choices} == {200}


def test_revoking_asks_first_and_lists_what_will_stop(
    page: Any, webhook: InboundWebhook, user: Any, settings: Any
) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    issue = InboundWebhook.objects.issue
    InboundWebhook.objects.filter(pk=webhook.pk).update(id=123_456)
    idle, _ = issue(owner=user, title="Idle")
    issue(owner=user, title="Gone", revoked_at=timezone.now())
    filtered = {"action": "revoke", "_selected_action": idle.pk, "select_across": "1"}
    answer = page.post(f"{WEBHOOKS}?owner__exact={user.pk}", filtered)
    asked = Screen(answer)
    assert asked.column(0) == ["Idle", "Sync"]
    assert asked.column(3) == ["–", "Notes"]
    assert "These 2 webhooks stop working at once." in asked.text
    assert f"{WEBHOOKS}?owner__exact={user.pk}" in asked.links
    assert answer.text.count('name="_selected_action"') == 2
    assert 'value="123456"' in answer.text
    assert InboundWebhook.objects.usable().count() == 2
    chosen = {"action": "revoke", "_selected_action": [123_456, idle.pk], "post": "yes"}
    done = page.post(f"{WEBHOOKS}?owner__exact={user.pk}", chosen, follow=True)
    assert "2 webhooks were revoked." in done.text
    assert not InboundWebhook.objects.usable().exists()


def test_more_webhooks_than_can_be_confirmed_are_not_revoked(
    page: Any, webhook: InboundWebhook, user: Any, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 11
    InboundWebhook.objects.issue(owner=user)
    refused = page.post(
        WEBHOOKS,
        {"action": "revoke", "_selected_action": webhook.pk, "select_across": "1"},
        follow=True,
    )
    assert "At most 1 rows can be confirmed at once" in refused.text
    assert InboundWebhook.objects.usable().count() == 2


def test_revoking_takes_effect_once_and_is_logged(
    page: Any, webhook: InboundWebhook, user: Any, administrator: Any
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


ADD = f"{WEBHOOKS}add/"
EXPIRY = {"expires_at_0": "2040-01-02", "expires_at_1": "03:04:05"}


def _change_url(webhook: InboundWebhook) -> str:
    return url(InboundWebhook, "change", webhook.pk)


def test_the_form_offers_declared_scopes_and_extra_ones_need_a_permission(
    staff_page: Any, staff: Any, settings: Any
) -> None:
    settings.OAUTH2_PROVIDER = {"SCOPES": {"basic": "Own options", "crm": "Customers"}}
    both = webhook_form(staff, scope=["basic", "crm"])
    assert list(errors(staff_page.post(ADD, both))) == ["scope"]
    text, needed = screen(staff_page, ADD).text, "Other scopes need the permission"
    assert needed in text
    assert "Customers" not in text
    staff.user_permissions.add(Permission.objects.get(codename="grant_any_scope"))
    text = screen(staff_page, ADD).text
    assert "crm – Customers" in text
    assert needed not in text
    assert list(errors(staff_page.post(ADD, webhook_form(staff, scope=["other"])))) == ["scope"]
    assert staff_page.post(ADD, both).status_code == 302
    assert staff_page.post(ADD, webhook_form(staff, scope=[])).status_code == 302
    assert [it.scope for it in InboundWebhook.objects.order_by("pk")] == ["basic crm", ""]


def test_staff_issue_webhooks_of_their_own_only(
    page: Any, staff_page: Any, staff: Any, make_application: Any, user: Any
) -> None:
    foreign = make_application(name="Of another", user=user)
    own, nobodys = make_application(name="Own", user=staff), make_application(name="Of nobody")
    nobody = {**webhook_form(staff), "owner": 0}
    shown = screen(staff_page, ADD, owner=user.pk, application=foreign.pk).text
    shown_to_superusers = screen(page, ADD).text
    for fields, wrong in (
        (webhook_form(user), "owner"),
        (nobody, "owner"),
        (webhook_form(staff, foreign), "application"),
        (webhook_form(staff, nobodys), "application"),
        (webhook_form(staff, allow_admin="on"), "allow_admin"),
    ):
        (refusal,) = errors(staff_page.post(ADD, fields))[wrong]
        assert refusal.startswith("Only a superuser may")
        # The form says so before.
        assert refusal in shown
        assert refusal not in shown_to_superusers
    # Nor does the form name anybody or anything else.
    assert "Own" in shown
    assert not [name for name in ("ann", "Of another", "Of nobody") if f"{name}\n" in shown]
    assert not InboundWebhook.objects.exists()
    for application in (None, own):
        assert staff_page.post(ADD, webhook_form(staff, application)).status_code == 302
    assert InboundWebhook.objects.filter(owner=staff).count() == 2


def test_owner_application_and_scopes_stay_as_issued(
    page: Any, webhook: InboundWebhook, administrator: Any, make_application: Any
) -> None:
    fixed = "owner", "application", "scope", "secret_digest", "revoked_at"
    before = InboundWebhook.objects.values(*fixed).get()
    other = {"scope": "other", "secret_digest": "0" * 64, "title": "New"}
    forged = webhook_form(administrator, make_application(), **other)
    assert page.post(_change_url(webhook), forged).status_code == 302
    assert InboundWebhook.objects.values("title", *fixed).get() == {"title": "New", **before}


def test_staff_cannot_extend_or_take_over_webhooks_they_could_not_issue(
    staff_page: Any, staff: Any, webhook: InboundWebhook, user: Any, make_application: Any
) -> None:
    issue = InboundWebhook.objects.issue
    own, _ = issue(owner=staff)
    with_rights, _ = issue(owner=staff, allow_admin=True)
    with_scope, _ = issue(owner=staff, scope="basic crm")
    into_another, _ = issue(owner=staff, application=make_application(user=user))
    of_another, _ = issue(owner=user)
    InboundWebhook.objects.update(allowed_methods="profile")
    wide = {"allow_admin": "", "allowed_methods": "", "allowed_networks": "::1", **EXPIRY}
    for each in (webhook, with_rights, with_scope, into_another, of_another, own):
        form = webhook_form(each.owner, new_secret="168", **wide)
        staff_page.post(_change_url(each), form, follow=True)
    webhooks = InboundWebhook.objects
    assert webhooks.exclude(expires_at=None).get() == own
    assert webhooks.exclude(old_secret_digest=None).get() == own
    assert webhooks.filter(allowed_methods="").get() == own
    assert webhooks.exclude(allowed_networks="").get() == own
    assert webhooks.filter(allow_admin=True).get() == with_rights


def test_a_superuser_changes_expiry_and_administrator_rights(
    page: Any, staff_page: Any, webhook: InboundWebhook, user: Any
) -> None:
    staff_page.post(_change_url(webhook), webhook_form(user, allow_admin="on"))
    assert not InboundWebhook.objects.filter(allow_admin=True).exists()
    page.post(_change_url(webhook), webhook_form(user, allow_admin="on", **EXPIRY))
    webhook.refresh_from_db()
    assert webhook.allow_admin
    assert webhook.expires_at is not None
    assert timezone.localtime(webhook.expires_at).isoformat()[:19] == "2040-01-02T03:04:05"


def test_the_view_permission_alone_changes_nothing(
    staff_page: Any, staff: Any, webhook: InboundWebhook
) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename="view_inboundwebhook"))
    response = staff_page.get(_change_url(webhook))
    assert not response.context["adminform"].form.fields
    assert webhook.secret_digest not in response.text
    assert staff_page.get(ADD).status_code == 403
    assert ADD not in Screen(response).links
    assert "revoke" not in str(staff_page.get(WEBHOOKS).context["action_form"])
    _revoke(staff_page, webhook)
    assert InboundWebhook.objects.usable().exists()
