"""The address of a client: its peer, or the address that proxies of `LOANSITE_TRUSTED_PROXIES` report."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_WITH_PORT = re.compile(r"\[(?P<bracketed>[^\]]*)\](:\d{1,5})?|(?P<plain>[0-9.]+):\d{1,5}")
IPV6_PREFIX_LENGTH = 64  # bits of an IPv6 address that a provider gives: the customer chooses the others


def client_address(request: HttpRequest) -> Address | None:
    """Return the client's address, or ``None`` if the peer has none, as on a Unix socket.

    Each trusted proxy adds its own peer at the end of X-Forwarded-For. The list is read from its end for as
    long as the addresses are those of trusted proxies: the client may have invented everything before.
    """
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    for claimed in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        before = _parsed(claimed) if is_proxy(address) else None
        if before is None:
            break
        address = before
    return address


def address_group(request: HttpRequest) -> str | None:
    """Return the address under which a client's calls and failures are counted.

    IPv6 addresses count by their network: a client has 2 ** 64 of them.
    """
    address = client_address(request)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), IPV6_PREFIX_LENGTH), strict=False).network_address)
    return str(address) if address else None


def is_proxy(address: Address | None) -> bool:
    """Return True if the address belongs to a trusted proxy, so that the client's own address is unknown."""
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> Address | None:
    """Read an address, with or without a port; ``None`` for anything else."""
    match = _WITH_PORT.fullmatch(text.strip())
    try:
        address = ipaddress.ip_address(match["bracketed"] or match["plain"] if match else text.strip())
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
