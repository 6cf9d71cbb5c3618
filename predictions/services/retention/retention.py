"""How long predictions are kept: up to which day they may be deleted."""

from datetime import date, datetime, time

from django.conf import settings
from django.utils import timezone

from predictions.errors import TooEarly


def latest(now: datetime | None = None) -> date:
    """Return the first day of the site's calendar that must be kept whole."""
    today = timezone.localdate(now)
    months = today.year * 12 + today.month - 1 - settings.RETENTION_MONTHS
    year, month = divmod(months, 12)
    return _existing(year, month + 1, today.day)


def checked(before: date | None, now: datetime | None = None) -> datetime:
    """Return the moment that a day begins, of the latest that may be given when there is none.

    Raises `TooEarly` when predictions of the days before it must still be kept.
    """
    day = latest(now)
    if before is not None and before > day:
        raise TooEarly(before, day, settings.RETENTION_MONTHS)
    return timezone.make_aware(datetime.combine(before or day, time.min))


def _existing(year: int, month: int, day: int) -> date:
    """Return that day, or the last of its month."""
    try:
        return date(year, month, day)
    except ValueError:
        return _existing(year, month, day - 1)
