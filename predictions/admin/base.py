from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils import timezone

from predictions.models.prediction import PredictionQuerySet


class ReadOnlyAdmin(ModelAdmin):
    """Facts: to be looked at. Nobody adds, changes or deletes them here, superusers included."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class QuickDates(PredictionQuerySet):
    """Names every period between the first row and the last; Django would cut the date of each row."""

    def datetimes(self, field_name: str, kind: str, *args: Any, **kwargs: Any) -> Any:
        times = self.order_by(field_name).values_list(field_name, flat=True)
        first, last = times.first(), times.last()
        return list(_periods(first, last, kind)) if first and last else []


def _periods(first: datetime, last: datetime, kind: str) -> Iterator[datetime]:
    period = _start(timezone.localtime(first), kind)
    while period <= last:
        yield period
        period = _start(period + _LONGER_THAN_ONE[kind], kind)


_LONGER_THAN_ONE = {"day": timedelta(hours=36), "month": timedelta(days=32), "year": timedelta(days=367)}


def _start(moment: datetime, kind: str) -> datetime:
    """Return when the day, month or year of `moment` begins."""
    month, day = (moment.month if kind != "year" else 1), (moment.day if kind == "day" else 1)
    return timezone.make_aware(datetime(moment.year, month, day))
