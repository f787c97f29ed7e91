"""How often an address, a client, or an application and user may call or fail.

A limit such as `50 per 25 seconds` is a moving window: 50 calls at once, and 2 a second in the long
run.
"""

from __future__ import annotations

import hashlib
from functools import cache
from ipaddress import ip_address, ip_network
from time import time
from typing import TYPE_CHECKING, Any

from django.views.decorators.debug import sensitive_variables
from limits import parse
from rest_framework.exceptions import Throttled
from rest_framework.settings import api_settings

from django_user_options.conf import conf
from django_user_options.rest.caller import client_address
from django_user_options.rest.moving_windows import MovingWindows, moving_windows
from django_user_options.security import report

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from limits import RateLimitItem

    from django_user_options.rest.caller import Caller

# Refusals that may be guesses. Clients with expired tokens and old codes do not guess.
_GUESSES = frozenset({"invalid_client", "unknown_token", "unknown_webhook"})

_parsed = cache(parse)


@sensitive_variables()
def check_waiting(credential: str | None) -> None:
    """Refuse a credential that must wait, before it costs a query or a question to Redis.

    Raises:
        Throttled: Until then, its application and user have no call left.
    """
    if conf.call_limit and credential and (waiting := moving_windows().waiting):
        wait = waiting.get(_digest(credential), 0.0) - time()
        if wait > 0:
            raise Throttled(wait=wait)


@sensitive_variables()
def count_call(
    caller: Caller, request: HttpRequest, method: str, credential: str | None = None
) -> None:
    """Count a call of an application and user.

    If there have been too many, a credential that is given will wait, too.

    Raises:
        Throttled: There have been too many.
    """
    if not conf.call_limit:
        return
    owner = (getattr(caller.application, "pk", None), getattr(caller.user, "pk", None))
    limit, key, windows = _parsed(conf.call_limit), f"calls {owner}", moving_windows()
    if not windows.hit(limit, key):
        report("throttled", outcome="calls", **facts_of(caller, request, method))
        wait = windows.wait(limit, key)
        if credential:
            windows.let_wait(_digest(credential), wait)
        raise Throttled(wait=wait)


def check_failures(request: HttpRequest, method: str, *, named: str) -> None:
    """Refuse a credential unseen after too many failures, because checking it takes CPU time.

    `named` is what the credential claims to be: a client id or the id of a webhook's owner.

    Raises:
        Throttled: The address or the name has failed too often.
    """
    _ask_each(MovingWindows.test, request, method, named)


def report_refusal(
    outcome: str, request: HttpRequest, method: str, *, named: str = "", **facts: Any
) -> None:
    """Report a refused credential, and count it if it may be a guess.

    REST never refuses a correct credential, whatever others have guessed.

    Raises:
        Throttled: The address or the name had already failed too often.
    """
    address = client_address(request)
    report("credential_refused", outcome=outcome, address=address, method=method, **facts)
    if outcome in _GUESSES:
        _ask_each(MovingWindows.hit, request, method, named)


def facts_of(caller: Caller, request: HttpRequest, method: str) -> dict[str, Any]:
    """Return what a security report says about a caller and its call."""
    return {**caller.facts, "address": client_address(request), "method": method}


def _ask_each(
    question: Callable[[MovingWindows, RateLimitItem, str], bool],
    request: HttpRequest,
    method: str,
    named: str,
) -> None:
    network, windows = _network(request), moving_windows()
    limits = {
        f"failures {network}": network and conf.failure_limit,
        # A client can send a name of any length.
        f"failures {_digest(named)}": named and conf.client_failure_limit,
    }
    waits = [
        windows.wait(_parsed(limit), key)
        for key, limit in limits.items()
        if limit and not question(windows, _parsed(limit), key)
    ]
    if waits:
        address = client_address(request)
        report("throttled", outcome="failures", address=address, method=method)
        raise Throttled(wait=max(waits))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _network(request: HttpRequest) -> str:
    """Return the client's address, or of IPv6 the 64 bits that one customer has.

    It is empty behind a proxy of which the project says nothing. All clients would share that
    address, and one of them could lock out the others.
    """
    address = client_address(request)
    if not address:
        return ""
    parsed = ip_address(address)
    forwarded = api_settings.NUM_PROXIES is None and "HTTP_X_FORWARDED_FOR" in request.META
    if forwarded and parsed.is_private:
        return ""
    return str(ip_network((address, 64), strict=False)) if parsed.version == 6 else address  # noqa: PLR2004
