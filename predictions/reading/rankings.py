"""Reading rankings: the first predictions of an order, and those beyond an extreme value.

A ranking names candidates, and the predictions decide: rows that the filters leave out, or that were deleted,
are not found. Predictions newer than the ranked ones are read beside them. Where a ranking is not enough,
functions return None, and the caller reads all predictions.

The worker may move everything between two queries. So the newest ranked id is read first, and the end of the
ranking last: places only leave at its end, and a newer prediction that was ranked meanwhile is found twice.
"""

from typing import Any, Literal

from django.db.models import QuerySet, Subquery

from predictions.models import Prediction, Product, RankedPrediction, RankedUntil, Ranking
from predictions.models.ranking import ALL
from predictions.reading.keyset import Key

PredictionRows = QuerySet[Prediction]
Side = Literal["gte", "lte"]
MOST_NEWER = 50_000  # ids: rows of so many are read in less time than an index of all predictions
BY_PROBABILITY = "approval_probability"


def first_by_probability(
    rows: PredictionRows,
    count: int,
    *,
    product: Product,
    part: str,
    descending: bool,
    start: Key | None = None,
) -> list[int] | None:
    """Return the ids of the first `count` of `rows` in their order by probability.

    Parameters
    ----------
    rows
        Of the product and, unless `part` is `ALL`, of this outcome; with `start`, only those after it.
    """
    kinds = Ranking.objects.filter(product=product.pk, measure=Ranking.Measure.PROBABILITY, part=part)
    by_direction = {ranking.descending: ranking for ranking in _up_to_date(kinds)}
    # Before a page near the beginning of the one order is the end of the other one.
    for direction in [not descending, descending] if start else [descending]:
        ranking = by_direction.get(direction)
        if ranking and (start is None or ranking.reaches(*start) or direction == descending):
            keys = _candidates(rows, count, ranking, descending, start)
            end = Ranking.objects.filter(pk=ranking.pk).first()
            if end and _has_them_all(end, keys, count, descending, start):
                return [key.pk for key in keys]
    return None


def _up_to_date(kinds: QuerySet[Ranking]) -> list[Any]:
    """Return rankings with `until`, the newest ranked id; none if too many predictions are newer."""
    until = Subquery(RankedUntil.objects.values("until")[:1])
    newest = Subquery(Prediction.objects.order_by("-pk").values("pk")[:1])
    return list(kinds.annotate(until=until).filter(until__gte=newest - MOST_NEWER))


def _candidates(
    rows: PredictionRows, count: int, ranking: Any, descending: bool, start: Key | None
) -> list[Key]:
    """Return the first keys of `rows` among those of a ranking and those that are newer."""
    sign, side = ("-", "lte") if descending else ("", "gte")
    from_start = {f"places__value__{side}": start.value} if start else {}
    ranked = rows.filter(places__ranking=ranking.pk, **from_start).order_by(
        f"{sign}places__value", f"{sign}pk"
    )
    newer = rows.filter(pk__gt=ranking.until).order_by(f"{sign}{BY_PROBABILITY}", f"{sign}pk")
    keys = {
        *ranked.values_list("places__value", "pk")[:count],
        *newer.values_list(BY_PROBABILITY, "pk")[:count],
    }
    return sorted((Key(*key) for key in keys), reverse=descending)[:count]


def _has_them_all(end: Ranking, keys: list[Key], count: int, descending: bool, start: Key | None) -> bool:
    """Return whether no prediction beside the candidates can be one of the first."""
    if end.descending != descending:
        return start is not None and end.reaches(*start)
    return end.complete or (len(keys) == count and end.reaches(*keys[-1]))


def few_from(source: str, most: int) -> list[int] | None:
    """Return the ids of the predictions of a source, if they are at most `most` and known to be all."""
    kinds = Ranking.objects.filter(measure=Ranking.Measure.SOURCE, part=source)
    return _few(kinds, "gte", 0, Prediction.objects.filter(source=source), most)


def few_beyond(
    measure: Ranking.Measure, side: Side, limit: float, newer: PredictionRows, most: int
) -> list[int] | None:
    """Return the ids of the predictions beyond a limit, if they are at most `most` and known to be all.

    `newer` are all predictions beyond the limit; only those that are not ranked yet are read.
    """
    kinds = Ranking.objects.filter(measure=measure, part=ALL, descending=side == "gte")
    return _few(kinds, side, limit, newer, most)


def _few(
    kinds: QuerySet[Ranking], side: Side, limit: float, newer: PredictionRows, most: int
) -> list[int] | None:
    rankings = _up_to_date(kinds)
    if not rankings or not all(_is_beyond(ranking, limit) for ranking in rankings):
        return None
    keys = [ranking.pk for ranking in rankings]
    places = RankedPrediction.objects.filter(ranking__in=keys, **{f"value__{side}": limit})
    pks = {*places.values_list("prediction_id", flat=True)[: most + 1]}
    newer = newer.filter(pk__gt=rankings[0].until).order_by()
    pks.update(newer.values_list("pk", flat=True)[: most + 1])
    still = [ranking for ranking in kinds.filter(pk__in=keys) if _is_beyond(ranking, limit)]
    return sorted(pks) if len(still) == len(keys) and len(pks) <= most else None


def _is_beyond(ranking: Ranking, limit: float) -> bool:
    """Return whether a ranking has every value beyond a limit."""
    last = ranking.last_value
    return last is None or (limit > last if ranking.descending else limit < last)
