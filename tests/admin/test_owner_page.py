"""The page of an owner: options, quota, webhooks and tokens, and never a secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from django_user_options.admin import owner_pages
from django_user_options.models import AppUserOption, InboundWebhook
from django_user_options.webhooks import digest
from tests.admin.screens import (
    Screen,
    application_url,
    keep,
    owner_url,
    person_url,
    screen,
    statements,
    url,
)
from tests.tokens import issue_webhook

LATER = timedelta(days=1)


@pytest.fixture
def seen(page: Any, application: Any, user: Any) -> Any:
    def seen(**parameters: Any) -> Screen:
        return screen(page, owner_url(application, user), **parameters)

    return seen


def test_the_page_shows_the_options_of_this_owner_alone(
    kept: Any, seen: Any, application: Any, user: Any, make_application: Any, make_user: Any
) -> None:
    owned = kept(AppUserOption, {"b": 1, "a": "x"})
    keep(AppUserOption, application, make_user(), {"other.user": 1})
    keep(AppUserOption, make_application(), user, {"other.application": 1})
    page = seen()
    assert [row[:3] for row in page.rows if len(row) > 4] == [
        ["Key", "Value", "Size"],
        ["a", '"x"', "3\xa0bytes"],
        ["b", "1", "1\xa0byte"],
    ]
    assert page.links[url(AppUserOption, "change", owned.get(key="a").pk)] == "a"
    assert "2 of 1,000 keys" in page.text
    assert "4\xa0bytes of 1.0\xa0MB" in page.text


def test_bars_show_how_much_of_the_quota_is_used(kept: Any, seen: Any, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 20, "MAX_BYTES_PER_OWNER": 2048}
    settings.USE_THOUSAND_SEPARATOR = True
    kept(AppUserOption, {"a": "x" * 1500})
    bars = seen().fields
    shown = [
        [bars[f"uo-{name}-used"][end] for end in ("value", "high", "max")]
        for name in ("keys", "bytes")
    ]
    assert shown == [["1", "18", "20"], ["1502", "1843", "2048"]]


def test_a_value_opens_to_indented_json_which_is_cut_if_it_is_large(kept: Any, seen: Any) -> None:
    long = {"a": ["x" * 60], "b": 10**200}
    options = kept(AppUserOption, {"short": "x", "none": [], "long": long})
    page = seen()
    assert page.elements.count("/details") == 1
    assert f'{{\n  "a": [\n    "{"x" * 60}"\n  ],\n  "b": {10**200}\n}}' in page.text
    assert "The whole value" not in page.text
    large = {"text": "x" * 60_000, "list": ["y"] * 10_000, "nested": [[[["z" * 3_000]]]]}
    kept(AppUserOption, large)
    page = seen()
    assert len(page.text) < 15_000
    for key in large:
        link = url(AppUserOption, "change", options.get(key=key).pk)
        assert page.links[link] == f"{key}The whole value"


def test_more_options_than_fit_are_paged(
    kept: Any, seen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_pages, "OPTIONS_PER_PAGE", 2)
    kept(AppUserOption, dict.fromkeys("abcde", 1))
    page = seen(p=2)
    assert [row[0] for row in page.rows if row[1:2] == ["1"]] == ["c", "d"]
    assert "Page 2 of 3" in page.text
    assert {"?p=1", "?p=3"} <= set(page.links)


def test_an_owner_without_options_has_a_page_with_links(
    seen: Any, application: Any, user: Any
) -> None:
    page = seen()
    for sentence in (
        "The application keeps nothing for this user.",
        "No webhook may write these options.",
        "No access token may write these options.",
    ):
        assert sentence in page.text
    owner = f"application={application.pk}&user={user.pk}"
    listed = f"{url(AppUserOption, 'changelist')}?{owner}"
    assert {listed, application_url(application), person_url(user)} <= set(page.links)


def test_the_webhooks_of_this_owner_are_shown_with_their_state(
    seen: Any, application: Any, user: Any, make_user: Any, make_application: Any
) -> None:
    issue = InboundWebhook.objects.issue
    _, secret = issue(owner=user, application=application, title="Sync", allow_admin=True)
    ended = timezone.now() - LATER
    issue_webhook(owner=user, application=application, title="Old", expires_at=ended)
    issue(owner=make_user(), application=application, title="Of another user")
    issue(owner=user, application=make_application(), title="Of another application")
    page = seen()
    assert [row[:3] for row in page.rows if row[0] in {"Sync", "Old"}] == [
        ["Old", "expired", "basic"],
        ["Sync", "usable, administrator rights", "basic"],
    ]
    assert "Of another" not in page.text
    assert secret not in page.text
    assert digest(secret) not in page.text


def test_live_tokens_of_the_owner_are_listed_without_their_text(
    seen: Any, page: Any, application: Any, user: Any, make_user: Any, make_token: Any
) -> None:
    live = make_token(application, user, scope="basic live")
    make_token(application, user, scope="basic expired", lifetime=-LATER)
    make_token(application, make_user(), scope="basic other")
    make_token(application, None, scope="basic headless")
    type(application).objects.filter(pk=application.pk).update(user=make_user())
    text = seen().text
    assert "basic live" in text
    assert not [word for word in ("expired", "other", "headless") if f"basic {word}" in text]
    assert live not in text
    assert AccessToken.objects.get(token=live).token_checksum not in text
    for sql in statements(page, owner_url(application, user)):
        assert '"token' not in sql
    # A token of client credentials acts as the owner of the application.
    type(application).objects.filter(pk=application.pk).update(user=user)
    assert "basic headless" in seen().text


def test_many_webhooks_and_tokens_are_cut_and_the_page_says_so(
    seen: Any, application: Any, user: Any, make_token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_pages, "CREDENTIALS_SHOWN", 2)
    for number in range(3):
        make_token(application, user, scope=f"basic scope{number}")
        InboundWebhook.objects.issue(owner=user, application=application, title=f"Webhook {number}")
    text = seen().text
    assert text.count("These are the newest 2; there are more.") == 2
    assert "basic scope0" not in text
    assert "Webhook 0" not in text


def test_each_part_needs_the_matching_view_permission(
    page_of_staff: Any, kept: Any, application: Any, user: Any
) -> None:
    kept(AppUserOption, {"a": 1})
    text = screen(page_of_staff("view_appuseroption"), owner_url(application, user)).text
    assert "Inbound webhooks" not in text
    assert "Live access tokens" not in text
