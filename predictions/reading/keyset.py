"""Keyset pagination: a page costs the same wherever it is, and new rows do not shift the next page."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet

PredictionRows = QuerySet[Prediction]
_Rows = TypeVar("_Rows", bound=QuerySet[Prediction])
_CLOSE = 2  # as many rows at most are read for one that is wanted
_EACH_KEY = {"sqlite": "SELECT value FROM json_each(%s)", "postgresql": "SELECT unnest(%s::bigint[])"}


class SortOrder(NamedTuple):
    """An order by a field, and by id among equal values."""

    field: str
    descending: bool

    @property
    def reverse(self) -> "SortOrder":
        return SortOrder(self.field, not self.descending)

    def sort(self, rows: _Rows) -> _Rows:
        sign = "-" if self.descending else ""
        return rows.order_by(f"{sign}{self.field}", f"{sign}pk")

    def after(self, rows: PredictionRows, pk: int, among: PredictionRows) -> PredictionRows:
        """Return the rows that follow the prediction `pk`; none if it is not in `among`.

        If a caller names the id, `among` must contain only rows that this caller may see. Otherwise a caller
        could find the prediction's value with many calls, because the rows returned show on which side of it
        they are.
        """
        value = Subquery(among.filter(pk=pk).order_by().values(self.field)[:1])
        side = "lt" if self.descending else "gt"
        follows = Q(**{f"{self.field}__{side}": value}) | Q(**{f"pk__{side}": pk})
        return rows.filter(follows, **{f"{self.field}__{side}e": value})


class Key(NamedTuple):
    """The place of a prediction in an order: the value of its field, and the id."""

    value: Any
    pk: int


def key_of(rows: PredictionRows, pk: int, field: str) -> Key | None:
    """Return the key of the prediction `pk` in an order by a field if it is among `rows`."""
    value = rows.filter(pk=pk).order_by().values_list(field, flat=True).first()
    return None if value is None else Key(value, pk)


class Sort(NamedTuple):
    """A sort order that a reader can choose."""

    label: str
    order: SortOrder


NEWEST = "newest"
SORTS = {
    NEWEST: Sort("Newest first", SortOrder("created_at", descending=True)),
    "oldest": Sort("Oldest first", SortOrder("created_at", descending=False)),
    "highest": Sort("Highest probability first", SortOrder("approval_probability", descending=True)),
    "lowest": Sort("Lowest probability first", SortOrder("approval_probability", descending=False)),
}


def first_rows(rows: PredictionRows, order: SortOrder, count: int) -> PredictionQuerySet:
    """Return the first `count` rows in an order; joins can be added to them.

    The database finds their keys first, in one index.
    """
    keys = order.sort(rows)[:count].values("pk")
    first: PredictionQuerySet = Prediction.objects.filter(pk__in=keys)
    return order.sort(first)


def among(field: str, keys: Sequence[int]) -> Q:
    """Return the condition that a field is among ids, or near them where they are close together."""
    first, last = min(keys), max(keys)
    if last - first < _CLOSE * len(keys):
        return Q(**{f"{field}__gte": first, f"{field}__lte": last})
    return one_of(field, keys)


def one_of(field: str, keys: Sequence[int]) -> Q:
    """Return the condition that a field is one of ids.

    The ids are one value: Django takes as long for a thousand as the database for their rows.
    """
    ids = json.dumps(keys) if connection.vendor == "sqlite" else list(keys)
    each = RawSQL(_EACH_KEY[connection.vendor], [ids])  # noqa: S611 - constants
    return Q(**{f"{field}__in": each})
