"""Read-only admin pages, and a date hierarchy that does not read the whole table."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from predictions.models import LoanIdEntry
from predictions.models.prediction import PredictionQuerySet


class ReadOnlyAdmin(ModelAdmin):
    """An admin in which nobody can add, change or delete rows, superusers included."""

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
        if beginning := search_term.strip():
            found = LoanIdEntry.objects.beginning(beginning).values("prediction")
            queryset = queryset.filter(**{f"{self.to_prediction}__in": found})
        return queryset, False


class QuickDates(PredictionQuerySet):
    """Predictions whose date hierarchy needs the first and the last row only.

    It lists every day, month or year between them. Django would truncate the date of each row.
    """

    def datetimes(  # type: ignore[override] # a list serves the hierarchy as well as a queryset
        self, field_name: str, kind: str, order: str = "ASC", tzinfo: tzinfo | None = None
    ) -> list[datetime]:
        times = self.order_by(field_name).values_list(field_name, flat=True)
        first, last = times.first(), times.last()
        return list(_periods(first, last, kind)) if first and last else []


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
