"""Counts of scored applications and of decisions, which the worker keeps and the desk adds up.

A quarter of an hour is counted once, when all calls that began in it have ended, and then added to its day.
Predictions that are stored with an earlier date, or deleted, make all counts be made again (`forget_counts`).
Deleted decisions make those of days be made again, by a trigger.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone

from predictions.models import BUILT_IN, CountedUntil, DayCount, Decision, Prediction, ScoredCount
from predictions.reading.counts import (
    KEPT_DAYS,
    QUARTER,
    QUARTERS,
    kind_of_decision,
    part_of,
    quarter_of,
    start_in_utc,
)
from predictions.services.writing.locks import write_transaction

SETTLED = timedelta(minutes=5)  # the longest that a call or a chunk of a batch can take
_QUARTERS_PER_TRANSACTION = 96  # a day: other writers wait for it
_KEY = 1


def keep_counts(now: datetime | None = None) -> None:
    """Count the quarters that have ended since the last time, and delete counts that no page shows."""
    now = now or timezone.now()
    oldest = now - timedelta(days=KEPT_DAYS)
    first = _first_scored(oldest)
    while first and _count_next(quarter_of(first), quarter_of(now - SETTLED)):
        pass
    while _add_to_next_day(start_in_utc(oldest)):
        pass
    ScoredCount.objects.filter(quarter__lt=oldest).delete()
    DayCount.objects.filter(day__lt=oldest.astimezone(UTC).date()).delete()


def forget_counts() -> None:
    """Delete all counts. The worker makes them again, and until then the desk counts predictions."""
    with write_transaction():
        CountedUntil.objects.all().delete()
        DayCount.objects.all().delete()
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


class _Kind(NamedTuple):
    """What a `DayCount` counts; the owner is None for those of all owners."""

    product: int
    owner: int | None
    kind: str


def _add_to_next_day(first: datetime) -> bool:
    """Add counted quarters to their day, for the next day that has some. Return False if none was left."""
    with write_transaction():
        counted = CountedUntil.objects.select_for_update().filter(pk=_KEY).first()
        if counted is None:
            return False
        if (
            counted.days_until is None
        ):  # begun anew, also where only a server of the release before has counted
            DayCount.objects.all().delete()
        start = counted.days_until or first
        end = min(counted.until, start_in_utc(start) + timedelta(days=1))
        if start >= end:
            return False
        _add_to_day(start, end)
        CountedUntil.objects.filter(pk=_KEY).update(days_until=end)
    return True


def _add_to_day(start: datetime, end: datetime) -> None:
    """Add what was scored and decided from `start` to before `end`, on one day of UTC."""
    day = start_in_utc(start)
    added: dict[_Kind, list[int]] = defaultdict(lambda: [0] * QUARTERS)
    for kind, quarter, number in [*_scored(start, end), *_decided(start, end)]:
        for owner in (kind.owner, None):
            added[kind._replace(owner=owner)][(quarter - day) // QUARTER] += number
    for row in DayCount.objects.filter(day=day.date()):
        more = added.pop(_Kind(row.product_key, row.owner_id, row.kind), None)
        if more:
            row.numbers = [sum(both) for both in zip(row.numbers, more, strict=True)]
            row.save(update_fields=["numbers"])
    DayCount.objects.bulk_create(
        DayCount(day=day.date(), product_id=product, owner_id=owner, kind=kind, numbers=numbers)
        for (product, owner, kind), numbers in added.items()
    )


def _scored(start: datetime, end: datetime) -> Iterator[tuple[_Kind, datetime, int]]:
    rows = ScoredCount.objects.filter(quarter__gte=start, quarter__lt=end).order_by()
    columns = ("product", "owner", "outcome", "quarter")
    for *kind, quarter, number in rows.values_list(*columns).annotate(Sum("number")):
        yield _Kind(*kind), quarter, number


def _decided(start: datetime, end: datetime) -> Iterator[tuple[_Kind, datetime, int]]:
    starts = [start + number * QUARTER for number in range((end - start) // QUARTER)]
    rows = Decision.objects.filter(at__gte=start, at__lt=end).annotate(kind=kind_of_decision())
    columns = ("prediction__product", "prediction__owner", "kind")
    for part, product, owner, kind, number in part_of(rows, "at", starts, *columns):
        yield _Kind(product or BUILT_IN, owner, kind), starts[part], number
