"""Read-only admin pages, whose lists, counts and date hierarchies do not read the whole table."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from predictions.models import LoanIdEntry
from predictions.models.prediction import PredictionQuerySet
from predictions.reading.blocks.codes import Known
from predictions.reading.blocks.finding import first_in_blocks
from predictions.reading.filters import is_key
from predictions.reading.keyset import NEWEST, SORTS, SortOrder

PAGES_AHEAD = 10
NEWEST_FIRST = SORTS[NEWEST].order
_MOST_KNOWN = 5_000  # rows that are looked up for a page; those of later ones are read in their order


class CappedPaginator(Paginator):
    """Counts the rows of some pages ahead of the page asked for.

    `count` is exact unless `has_more` is true.

    Parameters
    ----------
    order
        The order in which rows are counted: that of the list, unless a person sorts it by another column.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, *, page: int, order: Sequence[Any]) -> None:
        self._order, self._most = order, (page + PAGES_AHEAD) * per_page
        self._rows = rows.first_known(self._most + 1) if isinstance(rows, KnownRows) else rows
        super().__init__(self._rows, per_page)

    @cached_property
    def count(self) -> int:
        return min(self._counted, self._most)

    @property
    def has_more(self) -> bool:
        return self._counted > self._most

    @cached_property
    def _counted(self) -> int:
        return self._rows.order_by(*self._order).values("pk")[: self._most + 1].count()

    def page(self, number: int | str) -> Page:
        """Return a page whose keys are found first, in an index if there is one: a row is far larger."""
        page = super().page(number)
        start = max(page.start_index() - 1, 0)
        keys = self._rows.values_list("pk", flat=True)[start : page.end_index()]
        page.object_list = self._rows.filter(pk__in=list(keys))
        return page


class SortedAsOffered(ChangeList):
    """A list whose address sorts by the columns that its head offers, and by no others."""

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return the field to sort by; None ignores this part of the address."""
        offered = self.sortable_by or ()
        return super().get_ordering_field(field_name) if field_name in offered else None


class ReadOnlyAdmin(ModelAdmin):
    """An admin in which nobody can add, change or delete rows, superusers included."""

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return SortedAsOffered

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *args: object, **kwargs: object
    ) -> Paginator:
        asked = request.GET.get(PAGE_VAR, "")
        order = self.get_ordering(request) or self.opts.ordering or ()
        return CappedPaginator(queryset, per_page, page=int(asked) if is_key(asked) else 1, order=order)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LoanIdSearchAdmin(ReadOnlyAdmin):
    """An admin whose rows are searched by the start of a Loan ID, in any Unicode form."""

    search_fields = ["loan_id"]  # Django shows no search without a field
    search_help_text = "Search by the start of a Loan ID"
    show_full_result_count = False
    to_prediction = "pk"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        beginning = search_term.strip()
        return (self.beginning_with(queryset, beginning) if beginning else queryset), False

    def beginning_with(self, rows: QuerySet[Any], beginning: str) -> QuerySet[Any]:
        """Return the rows whose Loan ID begins so."""
        found = LoanIdEntry.objects.beginning(beginning).values("prediction")
        return rows.filter(**{f"{self.to_prediction}__in": found})


class KnownRows(PredictionQuerySet):
    """Predictions of which few among many are found in blocks, by what is `known` of them.

    Their date hierarchy needs the first and the last row only: it lists every day, month or year between
    them. Django would truncate the date of each row.
    """

    def __init__(self, *args: Any, known: Sequence[Known] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc] # its stubs leave it out
        clone.known = self.known
        return clone

    def first_known(self, count: int) -> Self:
        """Return the first `count` rows of a list that is sorted newest first, and perhaps others."""
        if count > _MOST_KNOWN or self.query.order_by[:1] != ("-created_at",):
            return self
        keys = first_in_blocks(self, NEWEST_FIRST, count, filters=self.known)
        return self if keys is None else self.filter(pk__in=[key.pk for key in keys])

    def aggregate(self, *args: object, **ends: Any) -> dict[str, Any]:
        """Return the first and the last time, by which the hierarchy chooses years, months or days."""
        return dict(zip(ends, self._ends(), strict=True))

    def datetimes(  # type: ignore[override] # a list serves the hierarchy as well as a queryset
        self, field_name: str, kind: str, order: str = "ASC", tzinfo: tzinfo | None = None
    ) -> list[datetime]:
        first, last = self._ends()
        return list(_periods(first, last, kind)) if first and last else []

    def _ends(self) -> tuple[datetime | None, datetime | None]:
        """Return the first and the last time, each from its end of the order."""
        return self._first_time(NEWEST_FIRST.reverse), self._first_time(NEWEST_FIRST)

    def _first_time(self, order: SortOrder) -> datetime | None:
        keys = first_in_blocks(self, order, 1, filters=self.known)
        if keys is None:
            return order.sort(self).values_list(order.field, flat=True).first()
        return keys[0].value if keys else None


def _periods(first: datetime, last: datetime, kind: str) -> Iterator[datetime]:
    period = _start(timezone.localtime(first), kind)
    while period <= last:
        yield period
        period = _start(period + _STEP_INTO_NEXT[kind], kind)


# Longer than one period and shorter than two, whatever its length and the change of the clocks.
_STEP_INTO_NEXT = {"day": timedelta(hours=36), "month": timedelta(days=32), "year": timedelta(days=367)}


def _start(moment: datetime, kind: str) -> datetime:
    """Return the start of the day, month or year of `moment`."""
    month, day = (moment.month if kind != "year" else 1), (moment.day if kind == "day" else 1)
    return timezone.make_aware(datetime(moment.year, month, day))
