"""The time zone of pages, which a browser asks for by a cookie, and that of documents, which is the site's.

A letter, a sheet, a file names the same day whoever makes it, wherever that person sits.
"""

import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

ZONE_COOKIE = "loansite_timezone"
_YEAR = 365 * 24 * 3600
# The rest of the database are old names (US/Eastern) and fixed offsets that ignore summer time (Etc/GMT+3).
_REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia",
    "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def zone_names() -> frozenset[str]:
    """Every zone that can be chosen: the places, UTC, and the site's own."""
    places = {name for name in zoneinfo.available_timezones() if name.split("/")[0] in _REGIONS}
    return frozenset(places | {"UTC", settings.TIME_ZONE})


def requested_zone(request: HttpRequest) -> str:
    """Return the zone of the cookie; the site's where it names none that there is."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    return name if name in zone_names() else settings.TIME_ZONE


def site_time(moment: datetime) -> datetime:
    """Return a moment in the site's zone, as documents write it."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def site_date(moment: datetime) -> date:
    return site_time(moment).date()


def in_site_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page in the site's zone; its foot says so in place of the way to another zone."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.is_document = True  # type: ignore[attr-defined]
        with timezone.override(timezone.get_default_timezone()):
            return view(request, *args, **kwargs)

    return shown


def set_zone_cookie(response: HttpResponse, name: str) -> None:
    """Keep a choice for a year; `timezone.js` looks whether there is one."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(ZONE_COOKIE, name, max_age=_YEAR, samesite="Lax", secure=secure)


def as_utc(moment: datetime) -> datetime:
    """Raises `OverflowError` where an offset leads out of the years 1 to 9999."""
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).astimezone(UTC)


def start_of(day: date) -> datetime:
    return as_utc(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Return when the next day starts."""
    return start_of(day + timedelta(days=1))
