"""Read-only admin pages, whose lists, counts and date hierarchies do not read the whole table."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from predictions.models import LoanIdEntry
from predictions.models.prediction import PredictionQuerySet
from predictions.reading.filters import is_key

PAGES_AHEAD = 10


class CappedPaginator(Paginator):
    """Counts the rows of some pages ahead of the page asked for.

    `count` is exact unless `has_more` is true.

    Parameters
    ----------
    order
        The order in which rows are counted: that of the list, unless a person sorts it by another column.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, *, page: int, order: Sequence[Any]) -> None:
        super().__init__(rows, per_page)
        self._rows, self._order, self._most = rows, order, (page + PAGES_AHEAD) * per_page

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


class QuickDates(PredictionQuerySet):
    """Predictions whose date hierarchy needs the first and the last row only.

    It lists every day, month or year between them. Django would truncate the date of each row.
    """

    def aggregate(self, *args: object, **ends: Any) -> dict[str, Any]:
        """Return the first and the last time, by which the hierarchy chooses years, months or days."""
        return dict(zip(ends, _ends(self, "created_at"), strict=True))

    def datetimes(  # type: ignore[override] # a list serves the hierarchy as well as a queryset
        self, field_name: str, kind: str, order: str = "ASC", tzinfo: tzinfo | None = None
    ) -> list[datetime]:
        first, last = _ends(self, field_name)
        return list(_periods(first, last, kind)) if first and last else []


def _ends(rows: PredictionQuerySet, field_name: str) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last time, each from its end of the index."""
    times = rows.order_by(field_name, "pk").values_list(field_name, flat=True)
    return times.first(), times.last()


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
