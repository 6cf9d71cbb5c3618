"""Typed, strict readers of environment variables: a bad value stops the start and names its variable."""

import ipaddress
import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import environ
from django.core.exceptions import ImproperlyConfigured

_BOOLEANS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_SOURCE = re.compile(r"([a-z][a-z0-9_]{0,30})=((sqlite|postgres|postgresql|mysql|mariadb)://\S+)\Z")
_SERVER_OPTIONS = {
    "postgresql": {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"},
    "mysql": {"ssl_ca", "ssl_cert", "ssl_key", "ssl_verify_cert", "ssl_verify_identity", "connect_timeout"},
}
_THROTTLE = re.compile(r"([1-9][0-9]*)/(s|sec|second|m|min|minute|h|hour|d|day)\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MAX_CALLS = 1_000_000  # of a rate: each takes 8 bytes per caller

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CallRate(NamedTuple):
    """A limit of `calls` within any span of `seconds`."""

    calls: int
    seconds: int


def text(name: str, default: str | None = None) -> str:
    """Return the variable; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None or (default is None and not value.strip()):
        raise ImproperlyConfigured(f"{name} must be set.")
    return value


def boolean(name: str, default: bool) -> bool:
    value = os.environ.get(name, str(default))
    try:
        return _BOOLEANS[value.strip().lower()]
    except KeyError:
        raise _bad(name, value, "1 or 0") from None


def integer(name: str, default: int, minimum: int = 0, maximum: int = 10**12) -> int:
    value = os.environ.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,12}", value.strip()) or not minimum <= int(value) <= maximum:
        raise _bad(name, value, f"a whole number from {minimum} to {maximum}")
    return int(value)


def choice(name: str, choices: Sequence[str], default: str) -> str:
    value = os.environ.get(name, default)
    if value not in choices:
        raise _bad(name, value, "one of " + ", ".join(choices))
    return value


def names(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def throttle(name: str) -> CallRate | None:
    """Return a rate such as ``600/min``, or ``None``."""
    value = os.environ.get(name, "").strip()
    if not value:
        return None
    match = _THROTTLE.match(value)
    if not match or int(match[1]) > MAX_CALLS:
        raise _bad(name, value, f"a rate such as 600/min, of at most {MAX_CALLS:,} calls")
    return CallRate(int(match[1]), _SECONDS[match[2][0]])


def networks(name: str) -> list[Network]:
    """Return a comma-separated list of addresses and networks such as ``10.0.0.5,fd00::/8``."""
    return [_network(name, part) for part in names(name)]


def _network(name: str, part: str) -> Network:
    expected = "addresses or networks such as 10.0.0.5 or 10.0.0.0/24, and not the whole internet"
    try:
        network = ipaddress.ip_network(part)
    except ValueError:
        raise _bad(name, part, expected) from None
    if network.prefixlen == 0:
        raise _bad(name, part, expected)
    return network


def database(name: str, default: str) -> dict[str, Any]:
    """Return Django's settings of the database at a URL."""
    url = os.environ.get(name, default)
    scheme = url.split(":", 1)[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise _bad(name, f"{scheme}:...", "a sqlite:// or postgres:// URL")
    return dict(environ.Env.db_url_config(url))


def sources(name: str) -> dict[str, dict[str, Any]]:
    """Return the databases of a list ``alias=URL,alias=URL`` by alias, as Django spells their settings.

    Errors name the position in the list and never its text, which may contain a password.
    """
    found: dict[str, dict[str, Any]] = {}
    for place, part in enumerate(names(name), 1):
        match = _SOURCE.match(part)
        if not match:
            expected = (
                "alias=URL (sqlite:///FILE, postgres:// or mysql://; in the URL a comma is written %2C)"
            )
            raise _bad_part(name, place, "part", expected)
        alias, url, _ = match.groups()
        if alias in found:
            raise _bad_part(name, place, "alias", "one that no earlier part has")
        found[alias] = _source(name, place, url)
    return found


def _source(name: str, place: int, url: str) -> dict[str, Any]:
    try:
        config = dict(environ.Env.db_url_config(re.sub("^mariadb:", "mysql:", url)))
    except ValueError:
        expected = "a URL whose password has its special characters escaped, and whose port is a number"
        raise _bad_part(name, place, "URL", expected) from None
    known = _SERVER_OPTIONS.get(config["ENGINE"].rsplit(".", 1)[-1])
    if not config["NAME"] or config["NAME"] == ":memory:" or (known and re.search("[@/:]", config["NAME"])):
        raise _bad_part(name, place, "database", "its name, or for SQLite its file, at the end of the URL")
    if not set(config.get("OPTIONS", {})) <= (known or set()):
        options = ", ".join(sorted(known)) if known else "none"
        raise _bad_part(name, place, "options", f"of these: {options}")
    return config


def _bad_part(name: str, place: int, what: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: the {what} of entry {place} is bad; expected {expected}.")


def _bad(name: str, value: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is {value!r}; expected {expected}.")
