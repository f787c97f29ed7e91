"""What the security log and its signal say, and what they do not."""

from __future__ import annotations

import io
import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from oauth2_provider.models import get_access_token_model

from django_user_options.models import InboundWebhook
from django_user_options.signals import security_event
from tests.admin.screens import WEBHOOKS, logged_in
from tests.processes import ROOT
from tests.receivers import connected
from tests.rest.token_endpoint.calls import by_form
from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Iterator

SET, APP_SET, HERE = "user.option.set", "app.option.set", "127.0.0.1"
ACTS = ("issued", "rotated", "revoked")
OPTIONS = {"options": {"key": "VALUE-THAT-STAYS"}}


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What the signal's receivers get; one of them fails, which affects nothing else."""
    received: list[dict[str, Any]] = []

    def receive(signal: Any, sender: Any, **event: Any) -> None:
        received.append(event)
        msg = "the project's own bug"
        raise ValueError(msg)

    with connected(receive, security_event):
        yield received


@pytest.fixture
def logged(caplog: Any) -> Any:
    """Return the records of the security log."""
    caplog.set_level(logging.INFO, "django_user_options.security")
    name = "django_user_options.security"
    return lambda: [record for record in caplog.records if record.name == name]


def may_use(application: Any, user: Any) -> bool:
    return bool(user.username != "refused")


def event(name: str, outcome: str, **facts: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(("credential_id", "application", "user", "cause")),
        "event": name,
        "outcome": outcome,
        "credential": "",
        "address": HERE,
        "method": "",
        **facts,
    }


@pytest.mark.parametrize(
    ("credential", "lifetime", "changed", "outcome"),
    [
        ("unknown", 1, {}, "unknown_token"),
        ("token", 1, {"is_active": False}, "inactive_user"),
        ("token", -1, {}, "expired_token"),
        ("token", 1, {"username": "refused"}, "user_access_error"),
        ("webhook", 1, {}, "unknown_webhook"),
    ],
)
def test_a_refused_credential(
    call: Any, make_token: Any, application: Any, user: Any, heard: Any, logged: Any,
    settings: Any, credential: str, lifetime: int, changed: Any, outcome: str,
) -> None:  # fmt: skip
    settings.USER_OPTIONS = {"ACCESS_RULE": f"{__name__}.may_use"}
    vars(user).update(changed)
    user.save()
    token = make_token(application, user, lifetime=timedelta(hours=lifetime))
    sent = {"token": token if credential == "token" else "UNKNOWN-SECRET"}
    if credential == "webhook":
        sent = {"prefix": f"/rest/{user.pk}, address 192.0.2.1/UNKNOWN-SECRET/"}
    call(SET, OPTIONS, **sent)
    expected = event("credential_refused", outcome, credential="access", method=SET)
    if credential == "webhook":
        expected["credential"] = "webhook"
    if credential == "token":
        record = get_access_token_model().objects.get()
        expected |= {"credential_id": record.pk, "application": application, "user": user}
    assert heard == [expected]
    (logged_record,) = logged()
    assert logged_record.levelno == logging.WARNING
    assert logged_record.getMessage() == (
        f"credential_refused: {outcome}, address {HERE}, method {SET}"
    )
    text = repr(vars(logged_record))
    assert not any(secret in text for secret in (token, "UNKNOWN", "VALUE", "192.0.2.1"))


@pytest.mark.parametrize(
    ("wrong", "known", "outcome"),
    [
        ({"client_secret": "WRONG"}, True, "invalid_client"),
        ({"client_id": "unknown"}, False, "invalid_client"),
        ({"refresh_token": "WRONG"}, True, "invalid_grant"),
    ],
)
def test_a_refused_client(
    client: Any, token: str, application: Any, heard: Any, wrong: Any, known: bool, outcome: str
) -> None:
    credentials = {
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "refresh_token": issue_refresh_token(token),
    }
    by_form(client, {"grant_type": "refresh_token", **credentials, **wrong})
    facts = {"credential_id": application.pk, "application": application} if known else {}
    facts |= {"credential": "client", "method": "token endpoint"}
    assert heard == [event("credential_refused", outcome, **facts)]


def test_fail2ban_finds_only_addresses_that_guess() -> None:
    readme = (ROOT / "django_user_options/rest/README.md").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"^failregex = (.+)$", readme, re.MULTILINE)
    found = re.compile(pattern.replace("<HOST>", r"(?P<host>[\da-f.:]+)"))
    line = "credential_refused: {}, address {}, method user.option.set"
    for outcome in ("unknown_token", "unknown_webhook", "invalid_client"):
        for address in ("192.0.2.1", "2001:db8::1"):
            assert found.search(" " + line.format(outcome, address))["host"] == address  # type: ignore[index]
    for outcome, address in (("expired_token", "192.0.2.1"), ("unknown_token", "unknown")):
        assert not found.search(line.format(outcome, address))


def test_throttled_calls_and_failures(
    call: Any, token: str, application: Any, user: Any, heard: Any, logged: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {"CALL_LIMIT": "1 per 1 hour", "FAILURE_LIMIT": "1 per 1 hour"}
    for _ in range(3):
        call(SET, OPTIONS, token=token)
    for _ in range(2):
        call(SET, OPTIONS, token="UNKNOWN-SECRET")
    caller = {"application": application, "user": user, "credential": "access", "method": SET}
    pk = get_access_token_model().objects.get().pk
    # A caller who has to wait is reported once.
    assert heard[0] == event("throttled", "calls", credential_id=pk, **caller)
    assert heard[3:] == [event("throttled", "failures", method=SET)]
    assert [sent["event"] for sent in heard[1:3]] == ["credential_refused"] * 2
    assert {record.levelno for record in logged()} == {logging.WARNING}
    shown = logged()[0].security_event
    assert (shown["application"], shown["user"]) == (application.client_id, str(user.pk))


@pytest.mark.parametrize(
    ("method", "parameters", "reported"),
    [
        (APP_SET, OPTIONS, True),
        ("app.option.delete", {"option": "key"}, True),
        ("app.option.get", {}, False),
        (SET, OPTIONS, False),
        (SET, {**OPTIONS, "user_id": "other"}, True),
        ("user.option.get", {"user_id": "other"}, True),
        # Refused, and so it is no act.
        (SET, {**OPTIONS, "user_id": "unknown"}, False),
    ],
)
def test_an_act_with_administrator_rights(
    call: Any, make_token: Any, application: Any, administrator: Any, user: Any, heard: Any,
    logged: Any, method: str, parameters: dict[str, Any], reported: bool,
) -> None:  # fmt: skip
    if parameters.get("user_id") == "other":
        parameters = {**parameters, "user_id": user.pk}
    token = make_token(application, administrator)
    status = call(method, parameters, token=token).status_code
    assert status == (400 if parameters.get("user_id") == "unknown" else 200)
    facts = {"application": application, "user": administrator, "credential": "access"}
    pk = get_access_token_model().objects.get().pk
    act = event("administrator_acted", "done", credential_id=pk, method=method, **facts)
    assert heard == [act] * reported
    assert [record.levelno for record in logged()] == [logging.INFO] * reported


@pytest.mark.django_db(transaction=True)
def test_webhooks_that_are_issued_and_revoked(
    application: Any, user: Any, administrator: Any, heard: Any, logged: Any
) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user, application=application)
    facts = {"credential": "webhook", "address": "", "application": application, "user": user}
    expected = [event("webhook_issued", "done", credential_id=webhook.pk, **facts)]
    for act in ("rotate", "revoke", "revoke"):
        for dry_run in (["--dry-run"], []):
            words = ("webhook", act, str(webhook.pk), *dry_run)
            call_command("user_options", *words, stdout=io.StringIO())
    facts |= {"cause": "manage.py user_options", "credential_id": webhook.pk}
    expected += [event(f"webhook_{act}", "done", **facts) for act in ("rotated", "revoked")]
    issue = {"owner": user.pk, "application": application.pk, "scope": ["basic"]}
    page = logged_in(administrator)
    page.post(f"{WEBHOOKS}add/", {**issue, "expires_at_0": "", "expires_at_1": ""}, follow=True)
    pk = InboundWebhook.objects.latest("pk").pk
    page.post(WEBHOOKS, {"action": "revoke", "_selected_action": [pk], "post": "yes"})
    facts |= {"cause": administrator, "credential_id": pk}
    expected += [event(f"webhook_{act}", "done", **facts) for act in ACTS]
    assert heard == expected
    assert [record.security_event["cause"] for record in logged()[2:4]] == [
        "manage.py user_options",
        str(administrator),
    ]
    assert secret not in repr([vars(record) for record in logged()])
