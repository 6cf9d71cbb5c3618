"""The time zones of pages and of documents.

A page uses the zone that a cookie of the browser names. A letter, a sheet or a file uses the site's zone:
it names the same day for every reader.
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
# Other names of the database are old (US/Eastern), or are offsets without summer time (Etc/GMT+3).
_REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia",
    "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones that a user can choose: places, UTC, and the site's zone."""
    places = {name for name in zoneinfo.available_timezones() if name.split("/")[0] in _REGIONS}
    return frozenset(places | {"UTC", settings.TIME_ZONE})


def requested_zone(request: HttpRequest) -> str:
    """Return the zone of the cookie; the site's zone if there is no valid cookie."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    return name if name in zone_names() else settings.TIME_ZONE


def site_time(moment: datetime) -> datetime:
    """Return a moment in the site's time zone, which documents use."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def site_date(moment: datetime) -> date:
    return site_time(moment).date()


def in_site_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page in the site's zone. Its footer says so instead of offering other zones."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.is_document = True  # type: ignore[attr-defined]
        with timezone.override(timezone.get_default_timezone()):
            return view(request, *args, **kwargs)

    return shown


def set_zone_cookie(response: HttpResponse, name: str) -> None:
    """Save the choice in a cookie for a year. `timezone.js` reads the cookie."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(ZONE_COOKIE, name, max_age=_YEAR, samesite="Lax", secure=secure)


def as_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC. Raises `OverflowError` outside the years 1 to 9999."""
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).astimezone(UTC)


def start_of(day: date) -> datetime:
    return as_utc(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Return the start of the next day."""
    return start_of(day + timedelta(days=1))
