"""Counts: cases by day in the user's own time zone, and the progress of a batch."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    Func,
    IntegerField,
    Model,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from predictions.models import CountedUntil, Decision, Prediction, Product, ScoredCount
from predictions.models.querysets import AnyUser
from predictions.reading.filters import filter_without_index
from predictions.roles import SEE_ALL
from predictions.words.times import start_of

N_DAYS = 30
KEPT_DAYS = N_DAYS + 2  # the last days of every time zone
QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    """Count the scored cases by outcome and the decisions by kind, for each day, in one query.

    Scored cases that the worker has counted are added up.
    """
    kept = part_of(_kept(user, product, starts[0]), "quarter", starts, "outcome", number=Sum("number"))
    scored = part_of(_scored_since(user, product, starts[0]), "created_at", starts, "outcome")
    kind = Case(When(override=True, then=Value(OVERRIDDEN)), default=Value(DECIDED), output_field=CharField())
    decided = part_of(_decided_since(user, product, starts[0]).annotate(kind=kind), "at", starts, "kind")
    counts: list[Counter[str]] = [Counter() for _ in starts]
    for day, name, number in kept.union(scored, decided, all=True):
        counts[day][name] += number
    return counts


def part_of(
    rows: QuerySet[_M], moment: str, starts: Sequence[datetime], *kinds: str, number: Aggregate | None = None
) -> "QuerySet[_M, tuple[Any, ...]]":
    """Count rows by the part of time of their `moment` and by `kinds`; all are names of columns.

    Parameters
    ----------
    starts
        When each part begins. The last one has no end.
    number
        What is added up in place of a count.

    Returns
    -------
    QuerySet
        Tuples of the part's place in `starts`, the kinds, and the number.
    """
    part = _Part(moment, starts=starts)
    counted = rows.order_by().annotate(part=part).values("part", *kinds)
    return counted.annotate(total=number or Count("pk")).values_list("part", *kinds, "total")


def start_in_utc(moment: datetime) -> datetime:
    """Return when the day of a moment began in UTC."""
    return datetime.combine(moment.astimezone(UTC).date(), time.min, UTC)


def quarter_of(moment: datetime) -> datetime:
    """Return when the quarter of an hour of a moment began."""
    return moment - (moment - _EPOCH) % QUARTER


class _Part(Func):
    """The place of a moment's part in `starts`, by binary search. The moment is the name of a column.

    Django's own truncation takes ten times as long on SQLite, where it calls Python for every row. One
    expression in place of Django's `Case` for each start is made in a tenth of the time.
    """

    output_field = IntegerField()

    def __init__(self, moment: str, starts: Sequence[datetime]) -> None:
        super().__init__(moment)
        self.starts = starts

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **options: Any,
    ) -> tuple[str, tuple[Any, ...]]:
        column, _ = compiler.compile(self.source_expressions[0])
        adapt = connection.ops.adapt_datetimefield_value
        sql, params = _search(column, [adapt(start) for start in self.starts], 0, len(self.starts))
        return sql, tuple(params)


def _search(column: str, starts: Sequence[Any], first: int, end: int) -> tuple[str, list[Any]]:
    """Return SQL for the place of a column's value in `starts`, from `first` to before `end`."""
    if end - first == 1:
        return str(first), []
    middle = (first + end) // 2
    earlier, before = _search(column, starts, first, middle)
    later, after = _search(column, starts, middle, end)
    sql = f"CASE WHEN {column} < %s THEN {earlier} ELSE {later} END"
    return sql, [starts[middle], *before, *after]


def _kept(user: AnyUser, product: Product, start: datetime) -> QuerySet[ScoredCount]:
    return _visible(user, ScoredCount.objects.filter(product=product.pk, quarter__gte=start), "owner")


def _scored_since(user: AnyUser, product: Product, start: datetime) -> QuerySet[Prediction]:
    """Return the cases scored since `start` that the worker has not counted."""
    counted = Coalesce(Subquery(CountedUntil.objects.values("until")[:1]), Value(start))
    # One limit: of two, SQLite would search its index for the earlier one and read all rows behind it.
    rows = Prediction.objects.of_product(product).filter(created_at__gte=Greatest(counted, Value(start)))
    return _visible(user, rows, "owner")


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
