"""The time zone that a browser asks its pages in: a cookie, and the names that it may hold."""

import zoneinfo
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "loansite_timezone"
_YEAR = 365 * 24 * 3600
# The rest of the database are old names (US/Eastern) and fixed offsets that ignore summer time (Etc/GMT+3).
_REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia",
    "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def names() -> frozenset[str]:
    """Every zone that can be chosen: the places, UTC, and the site's own."""
    places = {name for name in zoneinfo.available_timezones() if name.split("/")[0] in _REGIONS}
    return frozenset(places | {"UTC", settings.TIME_ZONE})


def asked(request: HttpRequest) -> str:
    """Return the zone of the cookie; the site's where it names none that there is."""
    name = request.COOKIES.get(COOKIE, "")
    return name if name in names() else settings.TIME_ZONE


def remember(response: HttpResponse, name: str) -> None:
    """Keep a choice for a year; `timezone.js` looks whether there is one."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, name, max_age=_YEAR, samesite="Lax", secure=secure)
