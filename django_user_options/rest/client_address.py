"""The address of the client, as far as the project's proxies vouch for it."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the IP address of the client, or an empty text if it is unknown.

    REST framework's setting `NUM_PROXIES` says how many proxies append to `X-Forwarded-For`.
    Without it, this is the address of the peer, because any client can send that header.
    """
    peer = request.META.get("REMOTE_ADDR")
    # REST framework annotates its own requests, but reads only what Django's have.
    given = peer if api_settings.NUM_PROXIES is None else BaseThrottle().get_ident(request)  # type: ignore[arg-type]
    try:
        # Without the zone, which is of any length and means something on this machine only.
        address = ip_address((given or "").partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
