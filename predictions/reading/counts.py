"""Counts: cases by day in the user's own time zone, and the progress of a batch."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db.models import Case, CharField, Count, Model, QuerySet, Value, When
from django.utils import timezone

from predictions.models import Decision, Prediction, Product
from predictions.models.querysets import AnyUser
from predictions.reading.filters import filter_without_index
from predictions.roles import SEE_ALL
from predictions.words.times import start_of

N_DAYS = 30
DECIDED, OVERRIDDEN = "decided", "overridden"
_SCORED = tuple(Prediction.Outcome.values)
_M = TypeVar("_M", bound=Model)


class DayCounts:
    """The cases scored and the decisions made on one day or several."""

    def __init__(self, counts: Counter[str]) -> None:
        self.by_outcome = {outcome: counts[outcome] for outcome in _SCORED}
        self.scored = sum(self.by_outcome.values())
        self.overridden = counts[OVERRIDDEN]
        self.decided = counts[DECIDED] + self.overridden


class LastDays:
    """The last 30 days, today included, of the cases of a product that a user may see."""

    def __init__(self, user: AnyUser, product: Product, today: date) -> None:
        self.days = [today - timedelta(days=ago) for ago in reversed(range(N_DAYS))]
        self._counts = _counts(user, product, [start_of(day) for day in self.days])

    def by_day(self) -> list[tuple[date, DayCounts]]:
        """Return the counts of each day, oldest first."""
        return [(day, DayCounts(counts)) for day, counts in zip(self.days, self._counts, strict=True)]

    def total(self, days: int) -> DayCounts:
        """Return the counts of the newest `days` together, today included."""
        return DayCounts(sum(self._counts[-days:], Counter()))


def _counts(user: AnyUser, product: Product, starts: Sequence[datetime]) -> list[Counter[str]]:
    """Count the scored cases by outcome and the decisions by kind, for each day, in one query."""
    scored = _by_day(_scored_since(user, product, starts[0]), "created_at", starts, "outcome")
    kind = Case(When(override=True, then=Value(OVERRIDDEN)), default=Value(DECIDED), output_field=CharField())
    decided = _by_day(_decided_since(user, product, starts[0]).annotate(kind=kind), "at", starts, "kind")
    counts: list[Counter[str]] = [Counter() for _ in starts]
    for day, name, number in scored.union(decided, all=True):
        counts[day][name] = number
    return counts


def _by_day(
    rows: QuerySet[_M], moment: str, starts: Sequence[datetime], kind: str
) -> QuerySet[_M, tuple[int, str, int]]:
    """Count rows by the day of their `moment` and by `kind`; both are names of columns."""
    day = _day_of(moment, starts, 0, len(starts))
    counted = rows.order_by().annotate(day=day).values("day", kind).annotate(number=Count("pk"))
    return counted.values_list("day", kind, "number")


def _day_of(moment: str, starts: Sequence[datetime], first: int, end: int) -> Value | Case:
    """Return an expression for the number of a moment's day, from `first` to before `end`, by binary search.

    `moment` is the name of a column. Django's own truncation takes ten times as long on SQLite, where it
    calls Python for every row.
    """
    if end - first == 1:
        return Value(first)
    middle = (first + end) // 2
    earlier = When(**{f"{moment}__lt": starts[middle]}, then=_day_of(moment, starts, first, middle))
    return Case(earlier, default=_day_of(moment, starts, middle, end))


def _scored_since(user: AnyUser, product: Product, start: datetime) -> QuerySet[Prediction]:
    return _visible(user, Prediction.objects.of_product(product).filter(created_at__gte=start), "owner")


def _decided_since(user: AnyUser, product: Product, start: datetime) -> QuerySet[Decision]:
    rows = Decision.objects.of_product(product).filter(at__gte=start)
    return _visible(user, rows, "prediction__owner")


def _visible(user: AnyUser, rows: QuerySet[_M], owner: str) -> QuerySet[_M]:
    """Return the rows that a user may see.

    The index by owner is avoided: it would lead the database through all rows that the owner ever stored.
    """
    return rows if user.has_perm(SEE_ALL) else filter_without_index(rows, owner, user.pk)


class BatchProgress(NamedTuple):
    """How far a batch is. Speed and time left are None before the first row is done."""

    done: int
    rows_per_second: float | None
    seconds_left: float | None


def progress_of(batch: Any, now: datetime | None = None) -> BatchProgress:
    """Return the progress of a batch that `BatchQuerySet.with_counts` annotated."""
    done = batch.scored + batch.refused
    until = batch.finished_at or now or timezone.now()
    seconds = (until - batch.checked_at).total_seconds() if batch.checked_at else 0.0
    if not done or seconds <= 0:
        return BatchProgress(done, None, None)
    speed = done / seconds
    left = None if batch.finished else round((batch.rows - done) / speed, 1)
    return BatchProgress(done, round(speed, 1), left)
