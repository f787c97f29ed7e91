"""Issuing webhooks, and the secret that is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import path
from django.utils import timezone

from django_user_options.models import InboundWebhook
from django_user_options.webhooks import digest
from tests.admin.screens import WEBHOOKS, Screen, errors, logged_in, url, webhook_form
from tests.races import deleted_before_insert, once_before

# The urls of a project that serves no REST methods.
urlpatterns = [path("admin/", admin.site.urls)]

ADD = f"{WEBHOOKS}add/"
WEEK = "168"


def _change_url(webhook: InboundWebhook) -> str:
    return url(InboundWebhook, "change", webhook.pk)


@pytest.fixture
def issue(page: Any) -> Any:
    """Issue a webhook by the form, and open the page with its secret."""

    def issue(*owners: Any, **fields: Any) -> Any:
        response = page.post(ADD, webhook_form(*owners, **fields), follow=True)
        issued = url(InboundWebhook, "issued", InboundWebhook.objects.latest("pk").pk)
        assert response.redirect_chain == [(issued, 302)]
        return response

    return issue


def test_a_new_webhook_is_shown_with_its_secret_and_an_address_that_works(
    issue: Any, user: Any, application: Any, client: Any
) -> None:
    response = issue(user, application, allow_admin="on")
    secret, address = response.context["secret"], response.context["address"]
    webhook = InboundWebhook.objects.with_secret(secret).get()
    assert (webhook.owner, webhook.application, webhook.allow_admin) == (user, application, True)
    text = Screen(response).text
    assert secret in text
    assert webhook.secret_digest not in text
    assert address.startswith(f"http://testserver/rest/{user.pk}/")
    assert client.get(f"{address}user.option.get").json()["result"] == {}
    assert "no-store" in response["Cache-Control"]
    assert f"curl {address}user.option.set -d" in text
    assert "curl" not in Screen(issue(user)).text


@pytest.mark.urls(__name__)
def test_without_rest_urls_that_page_shows_user_id_and_secret(
    issue: Any, make_user: Any, settings: Any
) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    response = issue(make_user(pk=1234567))
    text = Screen(response).text
    assert "Address:" not in text
    assert "1234567" in text
    assert response.context["secret"] in text


@pytest.mark.parametrize("button", ["_continue", "_addanother", "_popup"])
def test_every_save_button_leads_to_the_secret(issue: Any, administrator: Any, button: str) -> None:
    assert "secret" in issue(administrator, **{button: "1"}).context


def test_the_secret_is_shown_only_once_and_issues_no_other_webhook(
    page: Any, issue: Any, administrator: Any
) -> None:
    response = issue(administrator)
    secret, webhook = response.context["secret"], InboundWebhook.objects.get()
    again = page.get(response.redirect_chain[0][0], follow=True)
    assert "shown only once" in Screen(again).text
    addresses = [WEBHOOKS, _change_url(webhook), url(InboundWebhook, "history", webhook.pk), ADD]
    for shown in (again, *(page.get(address) for address in (*addresses, "/admin/"))):
        assert secret not in shown.text
        assert webhook.secret_digest not in shown.text
    assert InboundWebhook.objects.with_secret(secret).get() == webhook
    log = [f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()]
    traces = f"{page.cookies.output()} {dict(page.session)} {log}"
    assert secret not in traces
    assert digest(secret) not in traces


@pytest.mark.database
def test_one_of_two_requests_gets_the_secret(page: Any, administrator: Any) -> None:
    address = page.post(ADD, webhook_form(administrator)).url
    first: list[Any] = []

    def interfere() -> None:
        # The same browser, whose session still says that nobody has seen the secret.
        first.append(page.get(address))

    with once_before(interfere, "UPDATE", "inboundwebhook"):
        second = page.get(address)
    assert second.status_code == 302
    assert InboundWebhook.objects.with_secret(first[0].context["secret"]).exists()


def test_nobody_else_is_shown_the_secret(page: Any, administrator: Any, make_user: Any) -> None:
    address = page.post(ADD, webhook_form(administrator)).url
    other = logged_in(make_user(is_superuser=True, is_staff=True))
    assert other.get(address).url == WEBHOOKS
    assert "secret" in page.get(address).context
    assert page.get(url(InboundWebhook, "issued", 10**30)).status_code == 302


def test_an_error_on_that_page_reports_no_secret(
    page: Any, administrator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = page.post(ADD, webhook_form(administrator)).url
    # It fails where the secret is known; `no_leaks` reads the report.
    monkeypatch.setattr(admin.site, "each_context", None)
    page.raise_request_exception = False
    assert page.get(address).status_code == 500


def test_form_defaults_come_from_the_user_and_the_settings(
    staff_page: Any, staff: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"WEBHOOK_LIFETIME_DAYS": 90}
    form = staff_page.get(ADD).context["adminform"].form
    assert (form["owner"].value(), form["scope"].value()) == (staff.pk, ["basic"])
    left = form["expires_at"].value() - timezone.now()
    assert abs(left - timedelta(days=90)) < timedelta(days=1)


def test_a_url_can_prefill_anything_but_the_expiry(page: Any, user: Any) -> None:
    address = {"title": "Sync", "owner": user.pk, "scope": "a b", "expires_at": "2040-01-02"}
    form = page.get(ADD, address).context["adminform"].form
    assert [form[name].value() for name in address] == ["Sync", str(user.pk), ["a", "b"], None]


def test_a_webhook_without_an_application_needs_the_checkbox(page: Any, administrator: Any) -> None:
    form = webhook_form(administrator)
    del form["without_application"]
    assert [*errors(page.post(ADD, form))] == ["without_application"]
    assert [*errors(page.post(ADD, {**form, "application": "0"}))] == ["application"]
    assert not InboundWebhook.objects.exists()


@pytest.mark.parametrize("owner", ["0", "x", "\0", "9" * 25], ids=ascii)
def test_an_unknown_owner_is_a_form_error(
    page: Any, staff_page: Any, user: Any, owner: str
) -> None:
    for browser in (page, staff_page):
        fields = {**webhook_form(user), "owner": owner, "application": owner}
        assert {"owner", "application"} <= set(errors(browser.post(ADD, fields)))
        assert browser.get(ADD, {"owner": owner, "application": owner}).status_code == 200


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["owner", "application"])
def test_an_owner_deleted_after_validation_is_a_message(
    page: Any, application: Any, make_user: Any, role: str
) -> None:
    owners = {"owner": make_user("gone"), "application": application}
    with deleted_before_insert(owners[role], InboundWebhook):
        response = page.post(ADD, webhook_form(*owners.values()), follow=True)
    assert "application or the user no longer exists" in response.text
    assert not InboundWebhook.objects.exists()
    assert not LogEntry.objects.exists()


def test_networks_are_checked_by_the_form(page: Any, user: Any) -> None:
    form = webhook_form(user, allowed_networks="192.0.2.0/24 home")
    (refusal,) = errors(page.post(ADD, form))["allowed_networks"]
    assert refusal.startswith("“home” is not a network")


@pytest.mark.parametrize(
    ("zone", "date", "message"),
    [
        ("America/Chicago", "9999-12-31", "Leave it empty"),
        ("Asia/Yekaterinburg", "0001-01-01", "cannot expire in the past"),
        ("UTC", "2026-01-01", "cannot expire in the past"),
        # Somebody east of Greenwich could not look at it.
        ("UTC", "9999-12-31", "Leave it empty"),
    ],
)
def test_a_webhook_that_would_end_in_the_past_or_too_late_is_a_form_error(
    page: Any, user: Any, webhook: InboundWebhook, settings: Any, zone: str, date: str, message: str
) -> None:
    settings.TIME_ZONE = zone
    form = webhook_form(user, expires_at_0=date, expires_at_1="23:59:59", new_secret="0")
    for address in (ADD, _change_url(webhook)):
        assert message in errors(page.post(address, form))["expires_at"][0]
    assert InboundWebhook.objects.get().expires_at is None


def test_an_expired_webhook_keeps_its_end_when_its_title_changes(
    page: Any, webhook: InboundWebhook, user: Any
) -> None:
    ended = timezone.now() - timedelta(days=400)
    InboundWebhook.objects.update(expires_at=ended)
    shown = Screen(page.get(_change_url(webhook))).fields
    end = {name: shown[name]["value"] for name in ("expires_at_0", "expires_at_1")}
    page.post(_change_url(webhook), webhook_form(user, title="Old", **end))
    webhook.refresh_from_db()
    assert (webhook.title, webhook.expires_at) == ("Old", ended)


@pytest.mark.parametrize(("overlap", "status"), [("0", 401), (WEEK, 200)])
def test_a_new_secret_is_shown_once_and_the_old_one_may_keep_working(
    page: Any, call: Any, user: Any, application: Any, overlap: str, status: int
) -> None:
    webhook, old = InboundWebhook.objects.issue(owner=user, application=application)
    form = webhook_form(user, title="Renamed", new_secret=overlap)
    response = page.post(_change_url(webhook), form, follow=True)
    new = response.context["secret"]
    assert call("profile", prefix=f"/rest/{user.pk}/{old}/").status_code == status
    again = page.get(response.redirect_chain[0][0], follow=True)
    assert "shown only once" in Screen(again).text
    assert call("profile", prefix=f"/rest/{user.pk}/{new}/").status_code == 200
    message = LogEntry.objects.latest("pk").get_change_message()
    assert message == "Changed Title and Secret."
    shown = page.get(_change_url(webhook)).text
    assert "Renamed" in shown
    assert not [secret for secret in (old, new) if digest(secret) in shown]


def test_saving_issues_a_new_secret_only_on_request(
    page: Any, webhook: InboundWebhook, user: Any
) -> None:
    page.post(_change_url(webhook), webhook_form(user, new_secret=WEEK))
    # Nobody opened the page with the secret, so it stays as it was.
    renamed = page.post(_change_url(webhook), webhook_form(user, title="Renamed"))
    assert renamed.url == WEBHOOKS
    assert page.get(url(InboundWebhook, "issued", webhook.pk)).url == WEBHOOKS
    secret = webhook.secret_digest
    webhook.refresh_from_db()
    assert (webhook.secret_digest, webhook.old_secret_digest) == (secret, None)


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_a_webhook_that_ended_gets_no_new_secret(
    page: Any, webhook: InboundWebhook, user: Any, ended: str
) -> None:
    InboundWebhook.objects.update(**{ended: timezone.now()})
    assert "new_secret" not in page.get(_change_url(webhook)).context["adminform"].form.fields
    page.post(_change_url(webhook), webhook_form(user, new_secret="0"))
    assert InboundWebhook.objects.get().secret_digest == webhook.secret_digest


@pytest.mark.database
def test_saving_a_webhook_keeps_concurrent_changes(
    page: Any, webhook: InboundWebhook, user: Any
) -> None:
    other = digest("another secret")

    def interfere() -> None:
        InboundWebhook.objects.filter(pk=webhook.pk).revoke()
        InboundWebhook.objects.update(secret_digest=other)

    # Between the reading of the form's webhook and its saving.
    with once_before(interfere, "UPDATE", "inboundwebhook"):
        page.post(_change_url(webhook), webhook_form(user, title="Renamed"))
    webhook.refresh_from_db()
    assert (webhook.title, webhook.secret_digest) == ("Renamed", other)
    assert webhook.revoked_at is not None


def test_the_history_of_a_webhook_is_in_russian(
    page: Any, webhook: InboundWebhook, user: Any, settings: Any
) -> None:
    form = webhook_form(user, title="New", allow_admin="on", expires_at_0="2030-01-01")
    page.post(_change_url(webhook), {**form, "expires_at_1": "00:00"})
    settings.LANGUAGE_CODE = "ru"
    assert LogEntry.objects.get().get_change_message() == (
        "Изменено Название, Права администратора и Действует до."
    )
