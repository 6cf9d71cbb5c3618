"""The queue by API: the views, filters and orders of its page."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from ml.errors import InvalidValue
from ml.schemas.schema import LOAN_ID
from ml.scorecard.outcomes import codes_in
from predictions.api.calls.access import MayWorkQueue
from predictions.api.calls.query import StrictQuery, query_parameters
from predictions.api.lists import QueueFilters
from predictions.api.pagination import NewestFirst
from predictions.errors import InvalidFields
from predictions.live.products import product_of
from predictions.models import Prediction, Referral
from predictions.models.loan_id_entry import first_of, newest_of
from predictions.models.prediction import ReferralQuerySet
from predictions.reading import queue as queue_reading
from predictions.reading.filters import is_key, read_choice, read_moment
from predictions.reading.queue import QueueOrder

_VIEWS, _ORDERS = list(queue_reading.VIEWS), list(queue_reading.ORDERS)
_VIEW = OpenApiParameter("view", {"type": "string", "enum": _VIEWS, "default": "all"})
_SORT = OpenApiParameter("sort", {"type": "string", "enum": _ORDERS, "default": queue_reading.OLDEST})


class WaitingSerializer(serializers.ModelSerializer):
    """An application that waits for a person."""

    id = serializers.IntegerField(source="application_id", help_text="Of the application.")
    vars()[LOAN_ID] = serializers.CharField(source="loan_id")
    prediction = serializers.IntegerField(source="newest_id", help_text="Its newest one, which is decided.")
    amount = serializers.FloatField(allow_null=True, help_text="Asked for, when it was referred.")
    causes = serializers.SerializerMethodField(help_text="The codes of why it was referred.")
    since = serializers.DateTimeField(help_text="When it was first referred.")
    assigned_to = serializers.CharField(source="holder", allow_null=True, help_text="A user name.")
    source = serializers.ChoiceField(Prediction.Source.choices)  # type: ignore[assignment] # off the class
    batch = serializers.IntegerField(source="batch_id", allow_null=True)

    class Meta:
        model = Referral
        fields = [
            *("id", LOAN_ID, "prediction", "amount", "causes", "since"),
            *("assigned_to", "held_until", "source", "batch"),
        ]

    def get_causes(self, entry: Referral) -> list[str]:
        return codes_in(entry.causes)


class QueuePages(NewestFirst):
    """Pages of the queue in one of its orders; cases come and go between them, so that none leads back."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        order, size = view.order, self.get_page_size(request)
        cursor = request.query_params.get(self.cursor_query_param)
        if cursor is not None:
            queryset = order.after(queryset, *self._read_place(cursor, order))
        found = list(order.sort(queryset)[: size + 1])
        self._next = None
        if len(found) > size:
            place, address = _place(found[size - 1], order), request.build_absolute_uri()
            self._next = replace_query_param(address, self.cursor_query_param, place)
        return _with_facts(found[:size])

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "previous": None, "results": data})

    def _read_place(self, text: str, order: QueueOrder) -> tuple[datetime | float | None, int]:
        value, _, pk = text.rpartition("~")
        if not is_key(pk):
            raise NotFound(self.invalid_cursor_message)
        try:
            return _READ[order.field](value) if value else None, int(pk)
        except (InvalidValue, ValueError):
            raise NotFound(self.invalid_cursor_message) from None


class QueueViewSet(StrictQuery, mixins.ListModelMixin, viewsets.GenericViewSet):
    serializer_class = WaitingSerializer
    permission_classes = [MayWorkQueue]
    pagination_class = QueuePages
    filterset_class = QueueFilters
    queryset = Referral.objects.none()

    @property
    def order(self) -> QueueOrder:
        return queue_reading.ORDERS[self._choice("sort", _ORDERS, queue_reading.OLDEST)]

    def get_queryset(self) -> ReferralQuerySet:
        user = self.request.user
        entries = queue_reading.entries_for(user, product_of(self.request))
        return queue_reading.in_view(entries, self._choice("view", _VIEWS, "all"), user)

    @extend_schema(summary="Applications that wait for a person")
    @query_parameters(_VIEW, _SORT)
    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().list(request, *args, **kwargs)

    def _choice(self, name: str, choices: Sequence[str], absent: str) -> str:
        """Return a query parameter. Raises `InvalidFields`."""
        try:
            return read_choice(choices)(self.request.query_params.get(name, absent))
        except InvalidValue as error:
            raise InvalidFields({name: error}) from None


def _with_facts(entries: list[Referral]) -> list[Referral]:
    """Return a page of entries with their application, its newest prediction, and the name of the holder.

    Only the rows of a page are looked up, not all that are sorted for it.
    """
    key = (OuterRef("loan_id"), OuterRef("owner"), OuterRef("product"))
    rows: QuerySet[Any] = Referral.objects.annotate(
        newest_id=newest_of(*key), application_id=first_of(*key), holder=F("assigned_to__username")
    )
    found = rows.in_bulk([entry.pk for entry in entries])
    return [found[entry.pk] for entry in entries if entry.pk in found]


def _place(entry: Referral, order: QueueOrder) -> str:
    """Return the place of an entry as a cursor: the value that it is sorted by, and its key."""
    value = getattr(entry, order.field)
    text = value.isoformat() if isinstance(value, datetime) else "" if value is None else repr(value)
    return f"{text}~{entry.pk}"


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_READ: dict[str, Callable[[str], Any]] = {"since": read_moment, "amount": _finite}
