"""Times as people write them: one that names no zone is in the current one."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


def as_utc(moment: datetime) -> datetime:
    """Raises `OverflowError` where an offset leads out of the years 1 to 9999."""
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).astimezone(UTC)


def start_of(day: date) -> datetime:
    return as_utc(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Return when the next day starts."""
    return start_of(day + timedelta(days=1))
