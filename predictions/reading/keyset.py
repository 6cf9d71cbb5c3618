"""Keyset pagination: a page costs the same wherever it is, and new rows do not shift the next page."""

from typing import NamedTuple, TypeVar

from django.db.models import Q, QuerySet, Subquery

from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet

PredictionRows = QuerySet[Prediction]
_Rows = TypeVar("_Rows", bound=QuerySet[Prediction])


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
