"""The admin of webhooks: who may issue what, and the secret that is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import escape

from django_user_options.models import InboundWebhook
from django_user_options.webhooks import digest
from tests.admin.screens import WEBHOOKS
from tests.races import once_before

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client

# The urls of a host that serves no REST methods.
urlpatterns = [path("admin/", admin.site.urls)]

ADD = f"{WEBHOOKS}add/"
HOSTILE = "<script>alert(1)</script>"
LATER = timedelta(days=1)


def _form(owner: Any, application: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Sync",
        "owner": owner.pk,
        "application": "" if application is None else application.pk,
        "scope": "basic",
        "expires_at_0": "",
        "expires_at_1": "",
        **fields,
    }


def _change_url(webhook: InboundWebhook) -> str:
    return reverse("admin:django_user_options_inboundwebhook_change", args=[webhook.pk])


def _errors(response: HttpResponse) -> dict[str, Any]:
    return response.context["adminform"].form.errors


def test_a_new_webhook_is_answered_with_its_secret(
    page: Client, administrator: Any, application: Any
) -> None:
    response = page.post(ADD, _form(administrator, application))
    assert response.status_code == 200
    webhook = InboundWebhook.objects.with_secret(response.context["secret"]).get()
    assert (webhook.owner, webhook.application) == (administrator, application)
    assert response.context["secret"] in response.content.decode()
    assert webhook.secret_digest not in response.content.decode()


def test_the_address_on_that_page_calls_methods(
    page: Client, administrator: Any, application: Any, client: Client
) -> None:
    page_text = page.post(ADD, _form(administrator, application))
    address = page_text.context["address"]
    assert address.startswith(f"http://testserver/rest/{administrator.pk}/")
    assert f'<code id="webhook-address">{address}</code>' in page_text.content.decode()
    assert client.get(f"{address}user.option.get").json()["result"] == {}


@pytest.mark.urls(__name__)
def test_without_rest_urls_that_page_shows_user_id_and_secret(
    page: Client, administrator: Any
) -> None:
    response = page.post(ADD, _form(administrator))
    body = response.content.decode()
    assert "webhook-address" not in body
    assert f'<code id="webhook-user-id">{administrator.pk}</code>' in body
    assert f'<code id="webhook-secret">{response.context["secret"]}</code>' in body


def test_that_page_shows_large_user_ids_without_separators(
    page: Client, make_user: Callable[..., Any], settings: Any
) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    response = page.post(ADD, _form(make_user(pk=1234567)))
    assert '<code id="webhook-user-id">1234567</code>' in response.content.decode()


def test_that_page_is_not_stored_by_browsers_and_proxies(page: Client, administrator: Any) -> None:
    response = page.post(ADD, _form(administrator))
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("button", ["_continue", "_addanother", "_popup"])
def test_whatever_button_was_pressed_the_answer_is_that_page(
    page: Client, administrator: Any, button: str
) -> None:
    response = page.post(ADD, _form(administrator, **{button: "1"}))
    assert response.context["secret"] in response.content.decode()


def test_the_secret_is_shown_no_second_time(page: Client, administrator: Any) -> None:
    response = page.post(ADD, _form(administrator))
    webhook = InboundWebhook.objects.get()
    history = reverse("admin:django_user_options_inboundwebhook_history", args=[webhook.pk])
    for url in (WEBHOOKS, _change_url(webhook), history, ADD, "/admin/"):
        body = page.get(url).content.decode()
        assert response.context["secret"] not in body
        assert webhook.secret_digest not in body


def test_the_secret_is_kept_in_no_cookie_session_or_log(page: Client, administrator: Any) -> None:
    response = page.post(ADD, _form(administrator))
    entry = LogEntry.objects.get(action_flag=ADDITION)
    traces = [
        page.cookies.output(),
        str(dict(page.session)),
        f"{entry.object_repr} {entry.change_message}",
    ]
    assert not [trace for trace in traces if response.context["secret"] in trace]
    assert not [trace for trace in traces if digest(response.context["secret"]) in trace]


def test_the_form_proposes_a_webhook_of_ones_own_with_the_required_scopes(
    staff_page: Client, staff: Any
) -> None:
    form = staff_page.get(ADD).context["adminform"].form
    assert form["owner"].value() == staff.pk
    assert form["scope"].value() == "basic"


def test_an_address_may_propose_a_webhook_but_no_end(page: Client, user: Any) -> None:
    address = {"title": "Sync", "owner": user.pk, "expires_at": "2040-01-02"}
    form = page.get(ADD, address).context["adminform"].form
    assert [form[name].value() for name in address] == ["Sync", str(user.pk), None]


def test_staff_issue_webhooks_of_their_own(
    staff_page: Client, staff: Any, make_application: Callable[..., Any]
) -> None:
    staff_page.post(ADD, _form(staff))
    staff_page.post(ADD, _form(staff, make_application(user=staff)))
    assert InboundWebhook.objects.filter(owner=staff).count() == 2


def test_staff_issue_no_webhook_for_another_user(staff_page: Client, user: Any) -> None:
    assert list(_errors(staff_page.post(ADD, _form(user)))) == ["owner"]
    assert not InboundWebhook.objects.exists()


def test_staff_issue_no_webhook_for_an_application_of_another_owner(
    staff_page: Client, staff: Any, make_application: Callable[..., Any], user: Any
) -> None:
    for application in (make_application(user=user), make_application()):
        response = staff_page.post(ADD, _form(staff, application))
        assert list(_errors(response)) == ["application"]
    assert not InboundWebhook.objects.exists()


def test_staff_grant_no_administrator_rights(staff_page: Client, staff: Any) -> None:
    response = staff_page.post(ADD, _form(staff, allow_admin="on"))
    assert list(_errors(response)) == ["allow_admin"]
    assert not InboundWebhook.objects.exists()


def test_a_superuser_issues_any_webhook(page: Client, user: Any, application: Any) -> None:
    page.post(ADD, _form(user, application, allow_admin="on"))
    webhook = InboundWebhook.objects.get()
    assert (webhook.owner, webhook.application, webhook.allow_admin) == (user, application, True)


def test_owner_application_and_scopes_stay_as_issued(
    page: Client, webhook: InboundWebhook, administrator: Any, make_application: Callable[..., Any]
) -> None:
    before = InboundWebhook.objects.filter(pk=webhook.pk).values(
        "owner", "application", "scope", "secret_digest", "revoked_at"
    )
    expected = before.get()
    forged = _form(
        administrator, make_application(), scope="everything", secret_digest="0" * 64, title="New"
    )
    assert page.post(_change_url(webhook), forged).status_code == 302
    assert before.all().get() == expected
    webhook.refresh_from_db()
    assert webhook.title == "New"


EXPIRY = {"expires_at_0": "2040-01-02", "expires_at_1": "03:04:05"}


def test_staff_cannot_lengthen_the_life_of_what_they_could_not_issue(
    staff_page: Client, staff: Any, webhook: InboundWebhook, user: Any, make_application: Any
) -> None:
    of_another, _ = webhook, staff_page.post(_change_url(webhook), _form(user, **EXPIRY))
    own_with_rights, _ = InboundWebhook.objects.issue(owner=staff, allow_admin=True)
    foreign = make_application(user=user)
    into_another, _ = InboundWebhook.objects.issue(owner=staff, application=foreign)
    for own in (own_with_rights, into_another):
        staff_page.post(_change_url(own), _form(staff, **EXPIRY))
    for unchanged in (of_another, own_with_rights, into_another):
        unchanged.refresh_from_db()
        assert unchanged.expires_at is None


@pytest.mark.parametrize("who", ["superuser", "owner"])
def test_the_expiry_can_be_changed(
    page: Client, staff_page: Client, staff: Any, webhook: InboundWebhook, who: str
) -> None:
    if who == "owner":
        webhook, _ = InboundWebhook.objects.issue(owner=staff)
    browser = page if who == "superuser" else staff_page
    browser.post(_change_url(webhook), _form(webhook.owner, **EXPIRY))
    webhook.refresh_from_db()
    assert webhook.expires_at is not None
    assert timezone.localtime(webhook.expires_at).isoformat()[:19] == "2040-01-02T03:04:05"


@pytest.mark.parametrize(
    ("zone", "date", "time"),
    [
        ("America/Chicago", "9999-12-31", "23:59:59"),
        ("Asia/Yekaterinburg", "0001-01-01", "00:00:00"),
        # Somebody east of Greenwich could not look at it.
        ("UTC", "9999-12-31", "23:59:59"),
    ],
)
def test_an_end_outside_of_the_calendar_is_an_error_of_the_form(
    page: Client, webhook: InboundWebhook, user: Any, settings: Any, zone: str, date: str, time: str
) -> None:
    settings.TIME_ZONE = zone
    form = _form(user, expires_at_0=date, expires_at_1=time)
    for address in (ADD, _change_url(webhook)):
        response = page.post(address, form)
        assert response.status_code == 200
        assert "Leave it empty" in _errors(response)["expires_at"][0]
    assert InboundWebhook.objects.get().expires_at is None


def test_what_happens_to_a_webhook_while_it_is_saved_stays(
    page: Client, webhook: InboundWebhook, user: Any
) -> None:
    other = digest("another secret")

    def interfere() -> None:
        InboundWebhook.objects.filter(pk=webhook.pk).revoke()
        InboundWebhook.objects.update(secret_digest=other)

    # Between the reading of the form's webhook and its saving.
    with once_before(interfere, "UPDATE", "inboundwebhook"):
        page.post(_change_url(webhook), _form(user, title="Renamed"))
    webhook.refresh_from_db()
    assert webhook.title == "Renamed"
    assert webhook.revoked_at is not None
    assert webhook.secret_digest == other


def test_only_superusers_change_administrator_rights(
    page: Client, staff_page: Client, webhook: InboundWebhook, user: Any
) -> None:
    granted = InboundWebhook.objects.filter(allow_admin=True)
    staff_page.post(_change_url(webhook), _form(user, allow_admin="on"))
    assert not granted.exists()
    page.post(_change_url(webhook), _form(user, allow_admin="on"))
    assert granted.exists()
    staff_page.post(_change_url(webhook), _form(user))
    assert granted.exists()


def test_hostile_titles_and_scopes_are_shown_as_text(page: Client, user: Any) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user, title=HOSTILE, scope=HOSTILE)
    for url in (WEBHOOKS, _change_url(webhook)):
        body = page.get(url).content.decode()
        assert HOSTILE not in body
        assert body.count(escape(HOSTILE)) >= 2


def test_staff_who_may_only_view_get_no_form(
    staff_page: Client, staff: Any, webhook: InboundWebhook
) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename="view_inboundwebhook"))
    response = staff_page.get(_change_url(webhook))
    assert response.status_code == 200
    assert not response.context["adminform"].form.fields
    assert webhook.secret_digest not in response.content.decode()
    assert staff_page.get(ADD).status_code == 403
