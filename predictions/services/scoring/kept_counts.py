"""Counts of scored applications by quarter of an hour, which the worker keeps and the desk adds up.

A quarter is counted once, when all calls that began in it have ended. Predictions that are stored with an
earlier date, or deleted, make all counts be made again (`forget_counts`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from predictions.models import BUILT_IN, CountedUntil, Prediction, ScoredCount
from predictions.reading.counts import KEPT_DAYS, QUARTER, part_of, quarter_of
from predictions.services.writing.locks import write_transaction

SETTLED = timedelta(minutes=5)  # the longest that a call or a chunk of a batch can take
_QUARTERS_PER_TRANSACTION = 96  # a day: other writers wait for it
_KEY = 1


def keep_counts(now: datetime | None = None) -> None:
    """Count the quarters that have ended since the last time, and delete counts that no page shows."""
    now = now or timezone.now()
    first = _first_scored(now - timedelta(days=KEPT_DAYS))
    while first and _count_next(quarter_of(first), quarter_of(now - SETTLED)):
        pass
    ScoredCount.objects.filter(quarter__lt=now - timedelta(days=KEPT_DAYS)).delete()


def forget_counts() -> None:
    """Delete all counts. The worker makes them again, and until then the desk counts predictions."""
    with write_transaction():
        CountedUntil.objects.all().delete()
        ScoredCount.objects.all().delete()


def _first_scored(since: datetime) -> datetime | None:
    rows = Prediction.objects.filter(created_at__gte=since).order_by("created_at", "id")
    return rows.values_list("created_at", flat=True).first()


def _count_next(first: datetime, end: datetime) -> bool:
    """Count at most a day's quarters before `end`. Return False if nothing was left to count."""
    if CountedUntil.objects.filter(until__gte=end).exists():
        return False
    with write_transaction():
        CountedUntil.objects.get_or_create(pk=_KEY, defaults={"until": first})
        counted = CountedUntil.objects.select_for_update().get(pk=_KEY)
        start = max(counted.until, first)
        quarters = max(0, min(_QUARTERS_PER_TRANSACTION, (end - start) // QUARTER))
        if not quarters:
            return False
        starts = [start + number * QUARTER for number in range(quarters)]
        ScoredCount.objects.bulk_create(_counts(starts))
        CountedUntil.objects.filter(pk=_KEY).update(until=starts[-1] + QUARTER)
    return True


def _counts(starts: Sequence[datetime]) -> list[ScoredCount]:
    kinds = ("product", "owner", "source", "outcome")
    rows = Prediction.objects.filter(created_at__gte=starts[0], created_at__lt=starts[-1] + QUARTER)
    return [
        ScoredCount(
            quarter=starts[part],
            product_id=product or BUILT_IN,
            owner_id=owner,
            source=source,
            outcome=outcome,
            number=number,
        )
        for part, product, owner, source, outcome, number in part_of(rows, "created_at", starts, *kinds)
    ]
