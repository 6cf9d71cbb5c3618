"""Time zones: pages use the zone of the browser's cookie, documents use the site's zone.

A notice, an explanation sheet and a file name the same day for every person.
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
# Left out: old names (US/Eastern), and fixed offsets that ignore summer time (Etc/GMT+3).
_REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia",
    "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def zone_names() -> frozenset[str]:
    """Return the zones that can be chosen: places, UTC, and the site's own zone."""
    places = {name for name in zoneinfo.available_timezones() if name.split("/")[0] in _REGIONS}
    return frozenset(places | {"UTC", settings.TIME_ZONE})


def requested_zone(request: HttpRequest) -> str:
    """Return the zone of the cookie, or the site's zone if the cookie names no zone."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    return name if name in zone_names() else settings.TIME_ZONE


def site_time(moment: datetime) -> datetime:
    """Return a moment in the site's zone."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def site_date(moment: datetime) -> date:
    return site_time(moment).date()


def in_site_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view of a document: its times are in the site's zone, and its footer says so."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.is_document = True  # type: ignore[attr-defined]
        with timezone.override(timezone.get_default_timezone()):
            return view(request, *args, **kwargs)

    return shown


def set_zone_cookie(response: HttpResponse, name: str) -> None:
    """Store the chosen zone in a cookie for a year. `timezone.js` reads whether there is one."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(ZONE_COOKIE, name, max_age=_YEAR, samesite="Lax", secure=secure)


def as_utc(moment: datetime) -> datetime:
    """Return a moment in UTC. Raises `OverflowError` if its year would not be from 1 to 9999."""
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).astimezone(UTC)


def start_of(day: date) -> datetime:
    return as_utc(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Return the start of the next day."""
    return start_of(day + timedelta(days=1))
