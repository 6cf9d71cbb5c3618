"""Keeping the rankings of predictions (`predictions.models.ranking`) behind the calls.

A chunk of new predictions is read once; few of them reach the end of a ranking. Deleted predictions leave
their places, which readers ignore; where many were deleted, `forget_rankings` has them made again.
"""

import heapq
import itertools
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from predictions.models import Prediction, Product, RankedPrediction, RankedUntil, Ranking
from predictions.models.product import stored_product
from predictions.models.querysets import in_product
from predictions.models.ranking import ALL, after
from predictions.reading.amounts import stored_amount
from predictions.reading.keyset import Key
from predictions.services.scoring.kept_counts import SETTLED
from predictions.services.writing.inserts import prepare_insert
from predictions.services.writing.locks import write_transaction

KEPT = 4_000  # places of a ranking; there are at most twice as many before it is cut
STEP = 4_096  # predictions that are worth a transaction; readers read so many beside the rankings
CHUNK = 65_536
_STATE = 1
_KINDS = [
    *itertools.product([Ranking.Measure.PROBABILITY], [ALL, *Prediction.Outcome.values], [False, True]),
    *itertools.product([Ranking.Measure.AMOUNT], [ALL], [False, True]),
    *itertools.product([Ranking.Measure.SOURCE], Prediction.Source.values, [True]),
]
_CLOSED = Key(math.inf, 0)  # the end of a ranking that keeps nothing
_NO_ID = {True: 2**63 - 1, False: 0}  # by direction: no prediction reaches it


def rank_predictions(*, step: int = STEP, kept: int = KEPT, now: datetime | None = None) -> None:
    """Rank the predictions that were stored since the last time, if they are at least `step`."""
    last, first = _last_visible(now or timezone.now()), _until()
    while last - first >= max(step, 1):
        end = min(first + CHUNK, last)
        _rank(first, end, kept)
        first = end


def forget_rankings() -> None:
    """Delete all rankings. The worker makes them again, and until then lists read all predictions."""
    with write_transaction():
        RankedUntil.objects.all().delete()
        RankedPrediction.objects.all().delete()
        Ranking.objects.all().delete()


def _until() -> int:
    return RankedUntil.objects.values_list("until", flat=True).first() or 0


def _last_visible(now: datetime) -> int:
    """Return an id up to which no prediction becomes visible any more."""
    newest = Prediction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    state = RankedUntil.objects.filter(pk=_STATE).first()
    if state is None:
        with write_transaction():
            state, _ = RankedUntil.objects.get_or_create(pk=_STATE, defaults={"seen": newest, "seen_at": now})
    if connection.vendor == "sqlite":  # one transaction after the other
        return newest
    if state.seen_at > now - SETTLED:
        return state.until
    RankedUntil.objects.filter(pk=_STATE).update(seen=newest, seen_at=now)
    return state.seen


def _rank(first: int, last: int, kept: int) -> None:
    """Rank the predictions with ids above `first` up to `last`."""
    rankings = _every_ranking()
    rows = _rows(rankings, first, last)
    changes = [_change(ranking, _keys(ranking, rows), kept) for ranking in rankings]
    with write_transaction():
        state = RankedUntil.objects.select_for_update().filter(pk=_STATE, until=first)
        still = Ranking.objects.filter(pk__in=[ranking.pk for ranking in rankings]).count()
        if not state.exists() or still != len(rankings):  # another process has ranked or forgotten them
            return
        for change in changes:
            change()
        state.update(until=last)


def _every_ranking() -> list[Ranking]:
    """Return the rankings of all products; new ones are made. A product is older than its predictions."""
    names = ("product_id", "measure", "part", "descending")
    known = set(Ranking.objects.values_list(*names))
    kinds = [(product, *kind) for product in Product.objects.values_list("pk", flat=True) for kind in _KINDS]
    made = [Ranking(**dict(zip(names, kind, strict=True))) for kind in kinds if kind not in known]
    Ranking.objects.bulk_create(made, ignore_conflicts=True)
    return list(Ranking.objects.order_by("pk"))


class Row(NamedTuple):
    """What places depend on."""

    pk: int
    product: int | None
    outcome: str
    source: str
    approval_probability: float
    amount: float | None


def _rows(rankings: Iterable[Ranking], first: int, last: int) -> list[Row]:
    """Return the predictions that belong to some ranking."""
    rows = Prediction.objects.order_by().filter(pk__gt=first, pk__lte=last).annotate(amount=stored_amount())
    conditions = [_may_reach(ranking) for ranking in rankings if not _closed(ranking)]
    return list(map(Row._make, rows.filter(reduce(or_, conditions)).values_list(*Row._fields)))


def _closed(ranking: Ranking) -> bool:
    return ranking.last_value == math.inf


def _may_reach(ranking: Ranking) -> Q:
    condition = Q(in_product("product", stored_product(ranking.product_id)))
    if ranking.measure == Ranking.Measure.SOURCE:
        return condition & Q(source=ranking.part)
    if ranking.part:
        condition &= Q(outcome=ranking.part)
    if ranking.complete:
        return condition
    if ranking.measure == Ranking.Measure.AMOUNT:
        return condition & Q(**{f"amount__{'gt' if ranking.descending else 'lt'}": ranking.last_value})
    side = "gte" if ranking.descending else "lte"
    return condition & Q(**{f"approval_probability__{side}": ranking.last_value})


def _keys(ranking: Ranking, rows: list[Row]) -> list[Key]:
    """Return the keys of the rows that belong to a ranking."""
    if _closed(ranking):
        return []
    value, part = _READ[Ranking.Measure(ranking.measure)]
    stored = stored_product(ranking.product_id)
    keys = [
        Key(number, row.pk)
        for row in rows
        if row.product == stored and ranking.part in (ALL, part(row)) and (number := value(row)) is not None
    ]
    return [key for key in keys if ranking.reaches(*key)]


# How the value of a measure and the part of a row are read.
_READ: dict[Ranking.Measure, tuple[Callable[[Row], float | None], Callable[[Row], str]]] = {
    Ranking.Measure.PROBABILITY: (lambda row: row.approval_probability, lambda row: row.outcome),
    Ranking.Measure.AMOUNT: (lambda row: row.amount, lambda row: ALL),
    Ranking.Measure.SOURCE: (lambda row: row.pk, lambda row: row.source),
}


def _change(ranking: Ranking, keys: list[Key], kept: int) -> Callable[[], None]:
    """Return a function that adds keys to a ranking, and cuts it if it has too many."""
    places = RankedPrediction.objects.filter(ranking=ranking)
    too_many = places.count() + len(keys) > 2 * kept
    if too_many:
        ranking.last_value, ranking.last_id = _new_end(ranking, keys, kept)
        keys = [key for key in keys if ranking.reaches(*key)]
    rows = [(ranking.pk, *key) for key in keys]
    insert = (
        prepare_insert(RankedPrediction, ["ranking_id", "value", "prediction_id"], rows) if rows else None
    )

    def change() -> None:
        if too_many:
            end = Key(ranking.last_value, ranking.last_id)  # type: ignore[arg-type] # set above
            places.filter(after(*end, descending=ranking.descending)).delete()
            ranking.save(update_fields=["last_value", "last_id"])
        if insert:
            insert()

    return change


def _new_end(ranking: Ranking, keys: list[Key], kept: int) -> Key:
    """Return the last key of a ranking that keeps the first `kept` of its own and of `keys`."""
    if ranking.measure == Ranking.Measure.SOURCE:  # no longer few
        return _CLOSED
    stored = map(
        Key._make, RankedPrediction.objects.filter(ranking=ranking).values_list("value", "prediction")
    )
    best = (heapq.nlargest if ranking.descending else heapq.nsmallest)(kept, itertools.chain(stored, keys))
    if ranking.measure == Ranking.Measure.AMOUNT:  # amounts are only compared: of equal ones, all or none
        return Key(best[-1].value, _NO_ID[ranking.descending])
    return best[-1]
