"""Counts: cases by day in the user's own time zone, and the progress of a batch."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Self, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    DateField,
    Func,
    IntegerField,
    Model,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from predictions.models import CountedUntil, DayCount, Decision, Prediction, Product, ScoredCount
from predictions.models.fields import WrittenJSONField
from predictions.models.querysets import AnyUser
from predictions.reading.filters import filter_without_index
from predictions.roles import SEE_ALL
from predictions.words.times import start_of

N_DAYS = 30
KEPT_DAYS = N_DAYS + 2  # the last days of every time zone
QUARTER = timedelta(minutes=15)
QUARTERS = timedelta(days=1) // QUARTER  # of a day
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STILL = "still"
_SCORED = tuple(Prediction.Outcome.values)
_M = TypeVar("_M", bound=Model)


class DayCounts:
    """The cases scored and the decisions made on one day or several."""

    def __init__(self, counts: Counter[str]) -> None:
        self.by_outcome = {outcome: counts[outcome] for outcome in _SCORED}
        self.scored = sum(self.by_outcome.values())
        self.overridden = counts[DayCount.OVERRIDDEN]
        self.decided = counts[DayCount.DECIDED] + self.overridden


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


class _Counted(NamedTuple):
    """Until when the worker has counted days, and until when quarters of an hour."""

    days: datetime
    quarters: datetime

    @classmethod
    def since(cls, start: datetime) -> Self:
        """Return the ends of what is counted; `start` where nothing is."""
        row = CountedUntil.objects.first()
        ends = (row.days_until, row.until) if row else (None, None)
        return cls(*(max(end or start, start) for end in ends))

    def still(self, start: datetime) -> "QuerySet[CountedUntil, tuple[Any, ...]]":
        """Return a row if all since `start` is still counted, with the columns of `part_of`."""
        row = CountedUntil.objects.filter(until__gte=self.quarters)
        if self.days > start:
            row = row.filter(days_until__gte=self.days)
        named = row.annotate(part=Value(0), kind=Value(_STILL, output_field=CharField()), total=Value(1))
        return named.values_list("part", "kind", "total")


def _counts(user: AnyUser, product: Product, starts: Sequence[datetime]) -> list[Counter[str]]:
    """Return the scored cases by outcome and the decisions by kind, for each day.

    What the worker has counted is added up, and the rest is counted, in one query, which sees one state of
    the database. The ends of what is counted are read before it: databases plan badly for ends that they do
    not know. Where counts were deleted since, all is counted.
    """
    counted = _Counted.since(starts[0])
    counts = _add_up(user, product, starts, counted)
    if not counts[0].pop(_STILL, 0) and counted.quarters > starts[0]:
        return _add_up(user, product, starts, _Counted(starts[0], starts[0]))
    return counts


def _add_up(
    user: AnyUser, product: Product, starts: Sequence[datetime], counted: _Counted
) -> list[Counter[str]]:
    quarters = _quarters(user, product, counted)
    decided = _decided_since(user, product, counted.days).annotate(kind=kind_of_decision())
    others = [
        part_of(quarters, "quarter", starts, "outcome", number=Sum("number")),
        *_scored(user, product, starts, counted.quarters),
        part_of(decided, "at", starts, "kind", first=_part(starts, counted.days)),
        counted.still(starts[0]),
    ]
    days = _days(user, product, starts[0], counted)
    counts: list[Counter[str]] = [Counter() for _ in starts]
    places = [_place(min(moment, counted.days)) for moment in (*starts, counted.days)]
    for part, kind, number, day, numbers in days.union(*(o.annotate(**_NO_DAY) for o in others), all=True):
        if numbers is None:
            counts[part][kind] += number
        else:
            _add_day(counts, kind, places, day, numbers)
    return counts


def _place(moment: datetime) -> int:
    """Return the number of quarters of an hour since 1970."""
    return (moment - _EPOCH) // QUARTER


def _part(starts: Sequence[datetime], moment: datetime) -> int:
    """Return the place in `starts` of the day of a moment."""
    return max(bisect_right(starts, moment) - 1, 0)


def _add_day(
    counts: list[Counter[str]], kind: str, places: Sequence[int], day: date, numbers: Sequence[int]
) -> None:
    """Add a day of UTC to the days between `places`, in quarters of an hour since 1970."""
    midnight = (day - _EPOCH.date()).days * QUARTERS
    ends = [place - midnight for place in places]
    for part in range(max(bisect_right(ends, 0) - 1, 0), len(counts)):
        if ends[part] >= QUARTERS:
            return
        counts[part][kind] += sum(numbers[max(ends[part], 0) : max(ends[part + 1], 0)])


def kind_of_decision() -> Case:
    """Return an expression for the kind of a decision, as `DayCount` names it."""
    return Case(
        When(override=True, then=Value(DayCount.OVERRIDDEN)),
        default=Value(DayCount.DECIDED),
        output_field=CharField(),
    )


def part_of(
    rows: QuerySet[_M],
    moment: str,
    starts: Sequence[datetime],
    *kinds: str,
    number: Aggregate | None = None,
    first: int = 0,
) -> "QuerySet[_M, tuple[Any, ...]]":
    """Count rows by the part of time of their `moment` and by `kinds`; all are names of columns.

    Parameters
    ----------
    starts
        When each part begins. The last one has no end.
    number
        What is added up in place of a count.
    first
        The part of the earliest row.

    Returns
    -------
    QuerySet
        Tuples of the part's place in `starts`, the kinds, and the number.
    """
    part = _Part(moment, starts=starts, first=first)
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

    def __init__(self, moment: str, starts: Sequence[datetime], first: int) -> None:
        super().__init__(moment)
        self.starts, self.first = starts, first

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
        sql, params = _search(column, [adapt(start) for start in self.starts], self.first, len(self.starts))
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


_NO_DAY = {
    "day": Value(None, output_field=DateField()),
    "numbers": Value(None, output_field=WrittenJSONField()),
}


def _days(
    user: AnyUser, product: Product, start: datetime, counted: _Counted
) -> "QuerySet[DayCount, tuple[Any, ...]]":
    """Return the counted days of UTC, with columns for a part and a number that they do not have."""
    owner = None if user.has_perm(SEE_ALL) else user.pk
    ends = [moment.astimezone(UTC).date() for moment in (start, counted.days)]
    rows = DayCount.objects.filter(product=product.pk, owner=owner, day__range=ends)
    no_part = (rows if counted.days > start else rows.none()).annotate(part=Value(0), total=Value(0))
    return no_part.values_list("part", "kind", "total", "day", "numbers")


def _quarters(user: AnyUser, product: Product, counted: _Counted) -> QuerySet[ScoredCount]:
    """Return the counted quarters of an hour that are not in a counted day."""
    rows = ScoredCount.objects.filter(product=product.pk)
    if counted.days >= counted.quarters:
        return rows.none()
    rows = rows.filter(quarter__gte=counted.days, quarter__lt=counted.quarters)
    return _visible(user, rows, "owner")


def _scored(
    user: AnyUser, product: Product, starts: Sequence[datetime], since: datetime
) -> "list[QuerySet[Prediction, tuple[Any, ...]]]":
    """Count the cases scored that the worker has not counted.

    Most often all are of the last day. Then each outcome is counted alone: grouping would sort the cases.
    """
    all_rows = Prediction.objects.of_product(product).filter(created_at__gte=since).order_by()
    rows, first = _visible(user, all_rows, "owner"), _part(starts, since)
    if first < len(starts) - 1:
        return [part_of(rows, "created_at", starts, "outcome", first=first)]
    return [_number_of(rows.filter(outcome=outcome), first, outcome) for outcome in _SCORED]


def _number_of(
    rows: QuerySet[Prediction], part: int, outcome: str
) -> "QuerySet[Prediction, tuple[Any, ...]]":
    """Count rows in the columns of `part_of`."""
    named = rows.annotate(part=Value(part), kind=Value(outcome, output_field=CharField()))
    return named.values("part", "kind").annotate(total=Count("pk")).values_list("part", "kind", "total")


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
