"""Sorted lists that are walked by key: a page costs the same wherever it is, and new rows shift nothing."""

from typing import Any, NamedTuple, TypeVar

from django.db.models import Q, QuerySet, Subquery

from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet

PredictionRows = QuerySet[Prediction]
_Rows = TypeVar("_Rows", bound=QuerySet[Prediction])


class SortOrder(NamedTuple):
    """By a field, and by id where that is equal."""

    field: str
    descending: bool

    @property
    def reverse(self) -> "SortOrder":
        return SortOrder(self.field, not self.descending)

    def sort(self, rows: _Rows) -> _Rows:
        sign = "-" if self.descending else ""
        return rows.order_by(f"{sign}{self.field}", f"{sign}pk")

    def after(self, rows: PredictionRows, pk: int, among: PredictionRows) -> PredictionRows:
        """Return the rows that follow the prediction `pk`; none if it is not `among` those.

        Where a caller names the id, `among` holds what that caller may see: the answer tells on which side
        of the prediction's value the rows lie, and with enough rows it tells the value.
        """
        value: Any = Subquery(among.filter(pk=pk).order_by().values(self.field)[:1])
        side = "lt" if self.descending else "gt"
        beyond = Q(**{f"{self.field}__{side}": value}) | Q(**{f"pk__{side}": pk})
        return rows.filter(beyond, **{f"{self.field}__{side}e": value})


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
    """Return the first rows, for joins to be added: the database looks for their keys first, in one index."""
    keys = order.sort(rows)[:count].values("pk")
    found: PredictionQuerySet = Prediction.objects.filter(pk__in=keys)
    return order.sort(found)
