"""Typed, strict readers of environment variables: a bad value stops the start and names its variable."""

import os
import re
from collections.abc import Sequence
from typing import Any

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
_THROTTLE = re.compile(r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)\Z")


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


def throttle(name: str) -> str | None:
    """Return a rate such as ``600/min``, or ``None``."""
    value = os.environ.get(name, "").strip()
    if value and not _THROTTLE.match(value):
        raise _bad(name, value, "a rate such as 600/min")
    return value or None


def database(name: str, default: str) -> dict[str, Any]:
    """Return Django's settings of the database at a URL."""
    url = os.environ.get(name, default)
    scheme = url.split(":", 1)[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise _bad(name, f"{scheme}:...", "a sqlite:// or postgres:// URL")
    return dict(environ.Env.db_url_config(url))


def _bad(name: str, value: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is {value!r}; expected {expected}.")
