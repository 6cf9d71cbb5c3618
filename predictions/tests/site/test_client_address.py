"""Whose address counts: the peer's, and behind proxies that are named the client's."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from predictions.client_address import address_group, client_address

PROXIES = ["127.0.0.1", "10.0.0.0/24", "fd00::/8"]
CLIENT = "203.0.113.7"


def request(peer, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (CLIENT, None, CLIENT),
        (CLIENT, "198.51.100.1", CLIENT),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", CLIENT, CLIENT),
        ("127.0.0.1", f"198.51.100.1, {CLIENT}", CLIENT),
        ("127.0.0.1", f"198.51.100.1,{CLIENT},10.0.0.9", CLIENT),
        ("127.0.0.1", f"198.51.100.1,{CLIENT},10.0.1.9", "10.0.1.9"),
        ("127.0.0.1", "10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("127.0.0.1", f"{CLIENT}:51234", CLIENT),
        ("127.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ("127.0.0.1", "2001:DB8:0::7", "2001:db8::7"),
        ("fd00::1", CLIENT, CLIENT),
        ("::ffff:127.0.0.1", CLIENT, CLIENT),
        ("127.0.0.1", f"::ffff:{CLIENT}", CLIENT),
        ("127.0.0.1", f"{CLIENT}, unknown", "127.0.0.1"),
        ("127.0.0.1", f"{CLIENT}, 10.0.0.9, _x", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", ",,", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.07", "127.0.0.1"),
        ("127.0.0.1", "[203.0.113.7", "127.0.0.1"),
        ("", CLIENT, "None"),
    ],
)
def test_trusted_proxies_are_believed_from_the_right(settings, peer, forwarded, address):
    settings.TRUSTED_PROXIES = [ip_network(proxy) for proxy in PROXIES]
    assert str(client_address(request(peer, forwarded))) == address


def test_without_trusted_proxies_the_header_means_nothing(settings):
    settings.TRUSTED_PROXIES = []
    assert str(client_address(request("127.0.0.1", CLIENT))) == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "group"), [("2001:db8:1:2:3::4", "2001:db8:1:2::"), (CLIENT, CLIENT), ("", None)]
)
def test_ipv6_addresses_count_by_their_network(peer, group):
    assert address_group(request(peer)) == group
