"""The page of an owner: options, quota, webhooks and tokens, and never a secret."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken

from django_user_options.admin import owners
from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.webhooks import digest
from tests.admin.screens import ADMIN, application_url, keep, owner_url, statements, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

LATER = timedelta(days=1)


@pytest.fixture
def text(page: Client, application: Any, user: Any) -> Callable[[], str]:
    def text() -> str:
        response = page.get(owner_url(application, user))
        assert response.status_code == 200
        return response.content.decode()

    return text


def test_the_page_shows_the_options_of_this_owner_alone(
    text: Callable[[], str],
    application: Any,
    user: Any,
    make_application: Callable[..., Any],
    make_user: Callable[..., Any],
) -> None:
    keep(AppUserOption, application, user, {"b": 1, "a": 2})
    keep(AppUserOption, application, make_user(), {"other.user": 1})
    keep(AppUserOption, make_application(), user, {"other.application": 1})
    shown = text()
    assert re.findall(r">&quot;([a-z.]+)&quot;</a>", shown) == ["a", "b"]
    assert "2 of 1,000 keys" in shown
    assert "2\xa0bytes of 1.0\xa0MB" in shown


def test_each_key_links_to_the_page_of_the_option(
    text: Callable[[], str], application: Any, user: Any
) -> None:
    option = keep(AppUserOption, application, user, {"a": 1}).get()
    assert f'<a href="{url(AppUserOption, "change", option.pk)}">&quot;a&quot;</a>' in text()


def test_bars_tell_how_much_of_the_quota_is_used(
    text: Callable[[], str], application: Any, user: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 20, "MAX_BYTES_PER_OWNER": 2048}
    settings.USE_THOUSAND_SEPARATOR = True
    keep(AppUserOption, application, user, {"a": "x" * 1500})
    shown = text()
    assert '<meter id="uo-keys-used" min="0" max="20" high="18" optimum="0" value="1">' in shown
    assert 'max="2048" high="1843" optimum="0" value="1502">' in shown


def test_a_value_that_a_line_does_not_show_opens_to_indented_json(
    text: Callable[[], str], application: Any, user: Any
) -> None:
    keep(AppUserOption, application, user, {"short": "x", "none": [], "long": {"a": [1]}})
    shown = text()
    assert shown.count("<details") == 1
    block = '<pre class="uo-json">{\n  "a": [\n    1\n  ]\n}</pre></details>'
    assert block.replace('"a"', "&quot;a&quot;") in shown


@pytest.mark.parametrize(
    "value", ["x" * 60_000, ["y"] * 10_000, [[[["z" * 3_000]]]]], ids=["text", "list", "nested"]
)
def test_a_large_value_is_cut_and_linked_to(
    text: Callable[[], str], application: Any, user: Any, value: Any
) -> None:
    option = keep(AppUserOption, application, user, {"large": value}).get()
    shown = text()
    assert len(shown) < 40_000
    assert "…</pre>" in shown
    link = f'<a href="{url(AppUserOption, "change", option.pk)}">The whole value</a>'
    assert link in shown


def test_a_number_too_long_for_a_line_opens(
    text: Callable[[], str], application: Any, user: Any
) -> None:
    keep(AppUserOption, application, user, {"big": 10**200})
    assert f'<pre class="uo-json">{10**200}</pre>' in text()


def test_more_options_than_fit_are_paged(
    page: Client, application: Any, user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "_OPTIONS_PER_PAGE", 2)
    keep(AppUserOption, application, user, dict.fromkeys("abcde", 1))
    shown = page.get(owner_url(application, user), {"p": 2}).content.decode()
    assert re.findall(r">&quot;([a-z])&quot;</a>", shown) == ["c", "d"]
    assert "Page 2 of 3" in shown
    for number in (1, 3):
        assert f'<a href="?p={number}">' in shown


def test_an_owner_of_nothing_has_a_page(text: Callable[[], str]) -> None:
    shown = text()
    for sentence in (
        "The application keeps nothing for this user.",
        "None: no webhook may write these options.",
        "None: no access token may write these options.",
    ):
        assert sentence in shown


def test_the_webhooks_of_this_owner_are_shown_with_their_state(
    text: Callable[[], str],
    application: Any,
    user: Any,
    make_user: Callable[..., Any],
    make_application: Callable[..., Any],
) -> None:
    issue = InboundWebhook.objects.issue
    _, secret = issue(owner=user, application=application, title="Sync", allow_admin=True)
    issue(owner=user, application=application, title="Old", expires_at=timezone.now() - LATER)
    issue(owner=make_user(), application=application, title="Of another user")
    issue(owner=user, application=make_application(), title="Of another application")
    shown = text()
    assert "Sync" in shown
    assert "usable, administrator rights" in shown
    assert "expired" in shown
    assert "Of another" not in shown
    assert secret not in shown
    assert digest(secret) not in shown


def test_the_live_tokens_of_this_owner_are_shown_without_themselves(
    text: Callable[[], str],
    page: Client,
    application: Any,
    user: Any,
    make_user: Callable[..., Any],
    make_token: Callable[..., str],
) -> None:
    live = make_token(application, user, scope="basic live")
    make_token(application, user, scope="basic expired", lifetime=-LATER)
    make_token(application, make_user(), scope="basic other")
    make_token(application, None, scope="basic headless")
    shown = text()
    assert "basic live" in shown
    for scope in ("basic expired", "basic other", "basic headless"):
        assert scope not in shown
    assert live not in shown
    checksum = AccessToken.objects.get(token=live).token_checksum
    assert checksum not in shown
    for sql in statements(page, owner_url(application, user)):
        assert '"token' not in sql


def test_a_token_of_client_credentials_belongs_to_the_owner_of_the_application(
    page: Client, user: Any, make_application: Callable[..., Any], make_token: Callable[..., str]
) -> None:
    application = make_application(user=user)
    make_token(application, None, scope="basic headless")
    assert "basic headless" in page.get(owner_url(application, user)).content.decode()


def test_many_webhooks_and_tokens_are_cut_and_say_so(
    text: Callable[[], str],
    application: Any,
    user: Any,
    make_token: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owners, "_CREDENTIALS_SHOWN", 2)
    # The spaces keep them apart from the page's random CSRF token.
    for number in range(3):
        make_token(application, user, scope=f"basic scope{number}")
        InboundWebhook.objects.issue(owner=user, application=application, title=f"Webhook {number}")
    shown = text()
    assert shown.count("These are the newest 2; there are more.") == 2
    assert "basic scope0" not in shown
    assert "Webhook 0" not in shown


def test_staff_see_the_page_only_with_the_permission_to_view_user_options(
    page_of_staff: Callable[..., Client], application: Any, user: Any
) -> None:
    staff = page_of_staff("view_appoption", "view_inboundwebhook", "view_accesstoken")
    assert staff.get(owner_url(application, user)).status_code == 403


def test_staff_see_webhooks_and_tokens_only_with_the_permission_to_view_those(
    page_of_staff: Callable[..., Client],
    application: Any,
    user: Any,
    make_token: Callable[..., str],
) -> None:
    make_token(application, user)
    InboundWebhook.objects.issue(owner=user, application=application, title="Sync")
    response = page_of_staff("view_appuseroption").get(owner_url(application, user))
    assert response.status_code == 200
    for heading in ("uo-webhooks", "uo-tokens"):
        assert heading not in response.content.decode()


def test_visitors_are_asked_to_log_in(client: Client, application: Any, user: Any) -> None:
    response = client.get(owner_url(application, user))
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


@pytest.mark.parametrize("arguments", [(0, 0), ("x", "y"), (10**20, 1), ("_2F", "_3B")])
def test_an_owner_that_does_not_exist_has_no_page(page: Client, arguments: Any) -> None:
    assert page.get(reverse(f"{ADMIN}_owner", args=arguments)).status_code == 404


def test_the_page_links_back(text: Callable[[], str], application: Any, user: Any) -> None:
    shown = text()
    in_list = f"{url(AppUserOption, 'changelist')}?application={application.pk}&amp;user={user.pk}"
    for address in (
        in_list,
        application_url(application),
        "/admin/",
        url(type(user), "change", user.pk),
    ):
        assert f'href="{address}"' in shown


def test_the_page_takes_as_many_statements_for_many_options_as_for_one(
    page: Client, application: Any, user: Any
) -> None:
    keep(AppUserOption, application, user, {"a": 1})
    few = statements(page, owner_url(application, user))
    keep(AppUserOption, application, user, {f"key{number}": 1 for number in range(50)})
    many = statements(page, owner_url(application, user))
    # session, user; application, user, totals, count, options, webhooks, tokens
    assert len(many) == len(few) == 9
