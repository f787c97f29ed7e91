"""The admin of webhooks: who may issue what, and the secret that is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import path, reverse
from django.utils import timezone

from django_user_options.models import InboundWebhook
from django_user_options.webhooks import digest
from tests.admin.screens import WEBHOOKS, Screen, errors, logged_in, screen, url
from tests.races import once_before

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

# The urls of a project that serves no REST methods.
urlpatterns = [path("admin/", admin.site.urls)]

ADD = f"{WEBHOOKS}add/"
LATER = timedelta(days=1)
EXPIRY = {"expires_at_0": "2040-01-02", "expires_at_1": "03:04:05"}


def _form(owner: Any, application: Any = None, **fields: Any) -> dict[str, Any]:
    application_fields = (
        {"without_application": "1"} if application is None else {"application": application.pk}
    )
    return {
        "title": "Sync",
        "owner": owner.pk,
        **application_fields,
        "scope": ["basic"],
        "expires_at_0": "",
        "expires_at_1": "",
        **fields,
    }


def test_a_webhook_without_an_application_must_be_wanted(
    page: Client, administrator: Any, user: Any
) -> None:
    form = _form(administrator)
    del form["without_application"]
    assert [*errors(page.post(ADD, form))] == ["without_application"]
    assert [*errors(page.post(ADD, {**form, "application": "0"}))] == ["application"]
    assert not InboundWebhook.objects.exists()


def _change_url(webhook: InboundWebhook) -> str:
    return url(InboundWebhook, "change", webhook.pk)


@pytest.fixture
def issue(page: Client) -> Any:
    """Issue a webhook by the form, and open the page with its secret."""

    def issue(*owners: Any, **fields: Any) -> HttpResponse:
        response = page.post(ADD, _form(*owners, **fields), follow=True)
        issued = url(InboundWebhook, "issued", InboundWebhook.objects.latest("pk").pk)
        assert response.redirect_chain == [(issued, 302)]
        return response

    return issue


def test_a_new_webhook_is_shown_with_its_secret_and_an_address_that_works(
    issue: Any, user: Any, application: Any, client: Client
) -> None:
    response = issue(user, application, allow_admin="on")
    secret, address = response.context["secret"], response.context["address"]
    webhook = InboundWebhook.objects.with_secret(secret).get()
    assert (webhook.owner, webhook.application, webhook.allow_admin) == (user, application, True)
    text = Screen(response).text
    assert secret in text
    assert webhook.secret_digest not in text
    assert address in text
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


def test_whatever_button_was_pressed_that_page_follows(issue: Any, administrator: Any) -> None:
    for button in ("_continue", "_addanother", "_popup"):
        assert "secret" in issue(administrator, **{button: "1"}).context


def test_the_secret_is_shown_only_once_and_issues_no_other_webhook(
    page: Client, issue: Any, administrator: Any
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
    session = str(dict(page.session))
    log = "".join(f"{it.object_repr} {it.change_message}" for it in LogEntry.objects.all())
    for trace in (page.cookies.output(), session, log):
        assert secret not in trace
        assert digest(secret) not in trace


@pytest.mark.database
def test_of_two_requests_for_the_secret_one_gets_it(page: Client, administrator: Any) -> None:
    address = page.post(ADD, _form(administrator)).url
    first: list[Any] = []

    def interfere() -> None:
        # The same browser, whose session still says that nobody has seen the secret.
        first.append(page.get(address))

    with once_before(interfere, "UPDATE", "inboundwebhook"):
        second = page.get(address)
    assert second.status_code == 302
    assert InboundWebhook.objects.with_secret(first[0].context["secret"]).exists()


def test_nobody_else_is_shown_the_secret(page: Client, administrator: Any, make_user: Any) -> None:
    address = page.post(ADD, _form(administrator)).url
    other = logged_in(make_user(is_superuser=True, is_staff=True))
    assert other.get(address).url == WEBHOOKS
    assert "secret" in page.get(address).context
    assert page.get(url(InboundWebhook, "issued", 10**30)).status_code == 302


def test_the_form_proposes_a_webhook_of_ones_own_with_the_required_scopes(
    staff_page: Client, staff: Any
) -> None:
    form = staff_page.get(ADD).context["adminform"].form
    assert (form["owner"].value(), form["scope"].value()) == (staff.pk, ["basic"])


def test_an_address_may_propose_a_webhook_but_no_end(page: Client, user: Any) -> None:
    address = {"title": "Sync", "owner": user.pk, "scope": "a b", "expires_at": "2040-01-02"}
    form = page.get(ADD, address).context["adminform"].form
    assert [form[name].value() for name in address] == ["Sync", str(user.pk), ["a", "b"], None]


def test_scopes_are_those_declared_and_beyond_the_required_ones_need_a_permission(
    staff_page: Client, staff: Any, settings: Any
) -> None:
    settings.OAUTH2_PROVIDER = {"SCOPES": {"basic": "Own options", "crm": "Customers"}}
    both = _form(staff, scope=["basic", "crm"])
    assert "Customers" not in screen(staff_page, ADD).text
    assert list(errors(staff_page.post(ADD, both))) == ["scope"]
    needed = "Other scopes need the permission"
    assert needed in screen(staff_page, ADD).text
    staff.user_permissions.add(Permission.objects.get(codename="grant_any_scope"))
    text = screen(staff_page, ADD).text
    assert "crm – Customers" in text
    assert needed not in text
    assert list(errors(staff_page.post(ADD, _form(staff, scope=["other"])))) == ["scope"]
    assert staff_page.post(ADD, both).status_code == 302
    assert staff_page.post(ADD, _form(staff, scope=[])).status_code == 302
    assert [it.scope for it in InboundWebhook.objects.order_by("pk")] == ["basic crm", ""]


def test_staff_issue_webhooks_of_their_own_only(
    page: Client, staff_page: Client, staff: Any, make_application: Any, user: Any
) -> None:
    foreign = make_application(name="Of another", user=user)
    own, nobodys = make_application(name="Own", user=staff), make_application(name="Of nobody")
    nobody = {**_form(staff), "owner": 0}
    for fields, wrong in (
        (_form(user), "owner"),
        (nobody, "owner"),
        (_form(staff, foreign), "application"),
        (_form(staff, nobodys), "application"),
        (_form(staff, allow_admin="on"), "allow_admin"),
    ):
        (refusal,) = errors(staff_page.post(ADD, fields))[wrong]
        assert refusal.startswith("Only a superuser may")
        # The form says so before.
        assert refusal in screen(staff_page, ADD).text
        assert refusal not in screen(page, ADD).text
    # Nor does the form name anybody or anything else.
    text = screen(staff_page, ADD, owner=user.pk, application=foreign.pk).text
    assert "Own" in text
    assert not [name for name in ("ann", "Of another", "Of nobody") if f"{name}\n" in text]
    assert not InboundWebhook.objects.exists()
    for application in (None, own):
        assert staff_page.post(ADD, _form(staff, application)).status_code == 302
    assert InboundWebhook.objects.filter(owner=staff).count() == 2


@pytest.mark.parametrize("owner", ["0", "x", "\0", "9" * 25], ids=ascii)
def test_an_owner_that_does_not_exist_is_an_error_of_the_form(
    page: Client, staff_page: Client, user: Any, owner: str
) -> None:
    for browser in (page, staff_page):
        fields = {**_form(user), "owner": owner, "application": owner}
        assert {"owner", "application"} <= set(errors(browser.post(ADD, fields)))
        assert browser.get(ADD, {"owner": owner, "application": owner}).status_code == 200


def test_owner_application_and_scopes_stay_as_issued(
    page: Client, webhook: InboundWebhook, administrator: Any, make_application: Any
) -> None:
    fixed = "owner", "application", "scope", "secret_digest", "revoked_at"
    before = InboundWebhook.objects.values(*fixed).get()
    forged = _form(administrator, make_application(), scope="other", secret_digest="0" * 64)
    assert page.post(_change_url(webhook), {**forged, "title": "New"}).status_code == 302
    assert InboundWebhook.objects.values("title", *fixed).get() == {"title": "New", **before}


def test_staff_cannot_lengthen_the_life_of_what_they_could_not_issue(
    staff_page: Client, staff: Any, webhook: InboundWebhook, user: Any, make_application: Any
) -> None:
    own, _ = InboundWebhook.objects.issue(owner=staff)
    with_rights, _ = InboundWebhook.objects.issue(owner=staff, allow_admin=True)
    foreign = make_application(user=user)
    into_another, _ = InboundWebhook.objects.issue(owner=staff, application=foreign)
    for each in (webhook, with_rights, into_another, own):
        staff_page.post(_change_url(each), _form(each.owner, allow_admin="", **EXPIRY))
    assert InboundWebhook.objects.exclude(expires_at=None).get() == own
    assert InboundWebhook.objects.filter(allow_admin=True).get() == with_rights


def test_a_superuser_changes_expiry_and_administrator_rights(
    page: Client, staff_page: Client, webhook: InboundWebhook, user: Any
) -> None:
    staff_page.post(_change_url(webhook), _form(user, allow_admin="on"))
    assert not InboundWebhook.objects.filter(allow_admin=True).exists()
    page.post(_change_url(webhook), _form(user, allow_admin="on", **EXPIRY))
    webhook.refresh_from_db()
    assert webhook.allow_admin
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
        assert "Leave it empty" in errors(page.post(address, form))["expires_at"][0]
    assert InboundWebhook.objects.get().expires_at is None


@pytest.mark.database
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
    assert (webhook.title, webhook.secret_digest) == ("Renamed", other)
    assert webhook.revoked_at is not None


def test_staff_who_may_only_view_get_no_form(
    staff_page: Client, staff: Any, webhook: InboundWebhook
) -> None:
    staff.user_permissions.set(Permission.objects.filter(codename="view_inboundwebhook"))
    response = staff_page.get(_change_url(webhook))
    assert response.status_code == 200
    assert not response.context["adminform"].form.fields
    assert webhook.secret_digest not in response.text
    assert staff_page.get(ADD).status_code == 403
    assert reverse("admin:django_user_options_inboundwebhook_add") not in Screen(response).links


WEEK = "168"


@pytest.mark.parametrize(("overlap", "status"), [("0", 401), (WEEK, 200)])
def test_a_new_secret_is_shown_once_and_the_old_one_may_go_on(
    page: Client, call: Any, user: Any, application: Any, overlap: str, status: int
) -> None:
    webhook, old = InboundWebhook.objects.issue(owner=user, application=application)
    form = _form(user, title="Renamed", new_secret=overlap)
    response = page.post(_change_url(webhook), form, follow=True)
    new = response.context["secret"]
    assert call("profile", prefix=f"/rest/{user.pk}/{new}/").status_code == 200
    assert call("profile", prefix=f"/rest/{user.pk}/{old}/").status_code == status
    again = page.get(response.redirect_chain[0][0], follow=True)
    assert "shown only once" in Screen(again).text
    assert call("profile", prefix=f"/rest/{user.pk}/{new}/").status_code == 200
    webhook.refresh_from_db()
    assert webhook.title == "Renamed"
    message = LogEntry.objects.latest("pk").get_change_message()
    assert message == "Changed Title and Secret."
    shown = page.get(_change_url(webhook)).text
    assert not [secret for secret in (old, new) if digest(secret) in shown]


def test_only_who_asks_for_a_new_secret_gets_one(
    page: Client, webhook: InboundWebhook, user: Any
) -> None:
    page.post(_change_url(webhook), _form(user, new_secret=WEEK))
    # Nobody opened the page with the secret, so it stays as it was.
    renamed = page.post(_change_url(webhook), _form(user, title="Renamed"))
    assert renamed.url == WEBHOOKS
    assert page.get(url(InboundWebhook, "issued", webhook.pk)).url == WEBHOOKS
    secret = webhook.secret_digest
    webhook.refresh_from_db()
    assert (webhook.secret_digest, webhook.old_secret_digest) == (secret, None)


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_a_webhook_that_ended_gets_no_new_secret(
    page: Client, webhook: InboundWebhook, user: Any, ended: str
) -> None:
    InboundWebhook.objects.update(**{ended: timezone.now()})
    assert "new_secret" not in page.get(_change_url(webhook)).context["adminform"].form.fields
    page.post(_change_url(webhook), _form(user, new_secret="0"))
    assert InboundWebhook.objects.get().secret_digest == webhook.secret_digest


def test_staff_cannot_widen_or_take_over_what_they_could_not_issue(
    staff_page: Client, staff: Any, webhook: InboundWebhook
) -> None:
    own, _ = InboundWebhook.objects.issue(owner=staff)
    more, _ = InboundWebhook.objects.issue(owner=staff, scope="basic crm")
    InboundWebhook.objects.update(allowed_methods="profile")
    for each in (webhook, more, own):
        form = _form(each.owner, new_secret=WEEK, allowed_methods="", allowed_networks="::1")
        staff_page.post(_change_url(each), form, follow=True)
    assert InboundWebhook.objects.exclude(old_secret_digest=None).get() == own
    assert InboundWebhook.objects.filter(allowed_methods="").get() == own
    assert InboundWebhook.objects.exclude(allowed_networks="").get() == own


def test_networks_are_checked_by_the_form(page: Client, user: Any) -> None:
    form = _form(user, allowed_networks="192.0.2.0/24 home")
    (refusal,) = errors(page.post(ADD, form))["allowed_networks"]
    assert refusal.startswith("“home” is not a network")


def test_the_form_proposes_the_life_that_the_setting_says(page: Client, settings: Any) -> None:
    settings.USER_OPTIONS = {"WEBHOOK_LIFETIME_DAYS": 90}
    proposed = page.get(ADD).context["adminform"].form["expires_at"].value()
    assert abs(proposed - timezone.now() - 90 * LATER) < LATER
