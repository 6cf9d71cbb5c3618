"""How far a batch is, and how long it will take."""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone


class Progress(NamedTuple):
    """Rows done, of those the file has; speed and what is left are not known before there is some."""

    done: int
    rows_per_second: float | None
    seconds_left: float | None


def progress(batch: Any, now: datetime | None = None) -> Progress:
    """Tell of a batch as `BatchQuerySet.with_counts` gives it."""
    done = batch.scored + batch.refused
    until = batch.finished_at or now or timezone.now()
    seconds = (until - batch.checked_at).total_seconds() if batch.checked_at else 0.0
    if not done or seconds <= 0:
        return Progress(done, None, None)
    speed = done / seconds
    left = None if batch.over else round((batch.rows - done) / speed, 1)
    return Progress(done, round(speed, 1), left)
