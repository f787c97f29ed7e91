"""What a webhook may be limited to, and what is recorded of its use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_user_options.models import InboundWebhook
from tests.contract.table import error

GET, SET = "user.option.get", "user.option.set"
ADDRESS = "Address not allowed for this webhook"
METHOD = "Method not allowed for this webhook"


@pytest.fixture
def restricted(call: Any, user: Any, application: Any) -> Any:
    """Call a method through a webhook with these restrictions."""

    def restricted(
        method: str, params: Any = None, *, address: str = "", forwarded: str = "", **fields: Any
    ) -> Any:
        _, secret = InboundWebhook.objects.issue(owner=user, application=application, **fields)
        addresses = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": forwarded}
        return call(method, params, prefix=f"/rest/{user.pk}/{secret}/", **addresses)

    return restricted


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"allowed_networks": "10.0.0.0/8"}, ADDRESS),
        ({"allowed_methods": "profile user.option.set"}, METHOD),
    ],
    ids=["by network", "by method"],
)
def test_a_call_beyond_the_restrictions_is_refused_as_an_access_error(
    restricted: Any, settings: Any, fields: dict[str, str], reason: str
) -> None:
    answer = restricted("scope", address="192.0.2.1", **fields)
    assert (answer.status_code, answer.json()) == (400, error("AccessException", reason))
    settings.USER_OPTIONS = {"DIALECT": "live"}
    answer = restricted("scope", address="192.0.2.1", **fields)
    denied = error("ACCESS_DENIED", f"Access denied! {reason}")
    assert (answer.status_code, answer.json()) == (403, denied)


def test_networks_look_at_the_address_that_trusted_proxies_forward(
    restricted: Any, settings: Any
) -> None:
    sent = {"address": "192.0.2.1", "forwarded": "10.0.0.1", "allowed_networks": "10.0.0.0/8"}
    assert restricted(GET, **sent).status_code == 400
    assert InboundWebhook.objects.get().last_used_at is None
    settings.REST_FRAMEWORK = {"NUM_PROXIES": 1}
    assert restricted(GET, **sent).status_code == 200


def test_each_command_of_a_batch_is_checked(restricted: Any) -> None:
    batch = {"cmd": {"get": GET, "set": f"{SET}?options[a]=1"}}
    assert restricted("batch", batch, allowed_methods=GET).status_code == 400
    result = restricted("batch", batch, allowed_methods=f"Batch {GET.upper()}").json()["result"]
    assert result["result"] == {"get": {}}
    assert result["result_error"]["set"]["error_description"] == METHOD


def test_the_methods_of_a_webhook_are_those_it_may_call(restricted: Any) -> None:
    allowed = {"allowed_methods": f"methods {GET} method.get"}
    assert restricted("methods", **allowed).json()["result"] == ["method.get", "methods", GET]
    assert SET in restricted("methods", {"scope": "basic"}, **allowed).json()["result"]
    for name, available in ((GET, True), (SET, False)):
        found = restricted("method.get", {"name": name}, **allowed).json()["result"]
        assert found == {"isExisting": True, "isAvailable": available}


@pytest.mark.database
def test_a_use_is_recorded_once_a_minute_and_costs_nothing_otherwise(
    call: Any, user: Any, application: Any
) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user, application=application)

    def use(address: str) -> tuple[list[str], Any]:
        with CaptureQueriesContext(connection) as queries:
            answer = call(GET, prefix=f"/rest/{user.pk}/{secret}/", REMOTE_ADDR=address)
        assert answer.status_code == 200
        webhook.refresh_from_db()
        return [query["sql"].split()[0] for query in queries], webhook.last_used_from

    saved = ["SELECT", "SAVEPOINT", "UPDATE", "RELEASE", "SELECT"]
    assert use("192.0.2.1") == (saved, "192.0.2.1")
    assert use("192.0.2.2") == (["SELECT", "SELECT"], "192.0.2.1")
    first = webhook.last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    for sent, recorded in (("2001:DB8::1", "2001:db8::1"), ("", None)):
        InboundWebhook.objects.update(last_used_at=first - timedelta(minutes=1))
        assert use(sent) == (saved, recorded)


@pytest.mark.database
def test_one_of_several_calls_at_once_records_the_use(user: Any) -> None:
    webhook, _ = InboundWebhook.objects.issue(owner=user)
    for address in ("192.0.2.1", "192.0.2.2"):
        # Both read the webhook before either wrote.
        InboundWebhook.objects.record_use(webhook, address)
    assert InboundWebhook.objects.get().last_used_from == "192.0.2.1"
