"""The client's address, as far as the project's proxies vouch for it."""

import pytest

from django_user_options.rest.caller import client_address

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
    rf, settings, proxies, peer, forwarded, address
):
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert client_address(rf.get("/", REMOTE_ADDR=peer, headers=headers)) == address


def test_a_socket_has_no_address(rf):
    request = rf.get("/")
    del request.META["REMOTE_ADDR"]
    assert client_address(request) == ""
