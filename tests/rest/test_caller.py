"""Who calls: the client's address, and what is left of a caller in a pickle or a repr."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

from django_user_options.models import InboundWebhook
from django_user_options.rest.access_tokens import load_issued_token
from django_user_options.rest.caller import Caller, client_address

FORWARDED = "198.51.100.7, 203.0.113.5, 10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (None, "192.0.2.1", None, "192.0.2.1"),
        (None, "192.0.2.1", FORWARDED, "192.0.2.1"),
        (0, "192.0.2.1", FORWARDED, "192.0.2.1"),
        (1, "192.0.2.1", FORWARDED, "10.0.0.2"),
        (2, "192.0.2.1", FORWARDED, "203.0.113.5"),
        (2, "192.0.2.1", "2001:DB8::1", "2001:db8::1"),
        (1, "192.0.2.1", None, "192.0.2.1"),
        (1, "192.0.2.1", "<script>", ""),
        (1, "192.0.2.1", "fe80::1%" + "x" * 300, "fe80::1"),
        (None, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (None, "", None, ""),
    ],
)
def test_the_address_comes_from_the_peer_or_from_trusted_proxies(
    rf: Any, settings: Any, proxies: int | None, peer: str, forwarded: str | None, address: str
) -> None:
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert client_address(rf.get("/", REMOTE_ADDR=peer, headers=headers)) == address


def test_a_socket_has_no_address(rf: Any) -> None:
    request = rf.get("/")
    del request.META["REMOTE_ADDR"]
    assert client_address(request) == ""


def test_a_caller_is_pickled_by_primary_keys(user: Any, application: Any, token: str) -> None:
    caller = Caller.from_access_token(load_issued_token(token))
    caller = replace(caller, allowed_methods=frozenset({"profile"}))
    pickled = pickle.dumps(caller)
    for secret in (application.client_secret, application.client_id, user.password, user.username):
        assert secret.encode() not in pickled
    assert pickle.loads(pickled) == caller
    application.delete()
    user.delete()
    without_records = replace(caller, application=None, user=None)
    assert pickle.loads(pickled) == without_records
    assert pickle.loads(pickle.dumps(without_records)) == without_records


def test_a_callers_methods_are_compared_in_any_case(token: str) -> None:
    caller = Caller.from_access_token(load_issued_token(token))
    caller = replace(caller, allowed_methods=frozenset({"own.method"}))
    assert caller.may_call("Own.Method")


def test_secrets_are_in_no_repr(user: Any, application: Any, token: str) -> None:
    webhook, secret = InboundWebhook.objects.issue(owner=user, application=application)
    callers = Caller.from_webhook(webhook), Caller.from_access_token(load_issued_token(token))
    shown = repr([*callers, webhook])
    assert secret not in shown
    assert token not in shown
