"""Predictions and their decisions by API: score, list, read, decide."""

import msgspec
from django.db.models import QuerySet
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.access import MayScore
from predictions.api.calls.body import (
    json_refusals,
    query_flag,
    read_body,
    wait_for_large_calls,
)
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import QUEUE, StrictQuery, query_parameters
from predictions.api.cases.could_be import COULD_BE, with_could_be
from predictions.api.cases.decisions import DecisionsMixin
from predictions.api.cases.values import ValuesMixin
from predictions.api.json_schemas import reference
from predictions.api.lists import ApplicantFilters, PredictionFilters
from predictions.api.pagination import PredictionPages
from predictions.api.serializers import (
    ARRAY_REPLY,
    REFUSED_REPLY,
    ApplicantSerializer,
    PredictionSerializer,
)
from predictions.errors import LoanIdTaken
from predictions.live import active_model
from predictions.live.products import product_of
from predictions.models import Applicant, Prediction
from predictions.reading.earlier import earlier_counts
from predictions.reading.filters import KEY_PATTERN
from predictions.services.scoring import scoring
from predictions.services.scoring.namespaces import shares_staff_ids, taken_ids
from predictions.services.writing.bodies import CheckedRows, read_applications
from predictions.services.writing.replies import ScoredRows, array_reply

_RELATED = ("explanation", "policy", "model_version")
_FLAGS = [
    OpenApiParameter("atomic", bool, description="Refuse all rows when one is bad."),
    OpenApiParameter("validate_only", bool, description="Check the rows; score and store nothing."),
    COULD_BE,
    OpenApiParameter("earlier", bool, description="An array: each row with its `earlier`, too."),
    QUEUE,
]


@extend_schema_view(
    create=extend_schema(
        summary="Score one application, or an array of them",
        request={"application/json": reference("Applications")},
        responses={
            201: OpenApiResponse(PredictionSerializer, "One application: stored."),
            200: OpenApiResponse(ARRAY_REPLY, "An array: its good rows stored. Or validate_only."),
            400: OpenApiResponse(REFUSED_REPLY, "Nothing was good; nothing stored."),
        },
    ),
    list=extend_schema(summary="Predictions, newest first"),
    retrieve=extend_schema(summary="One prediction"),
)
class PredictionViewSet(
    StrictQuery,
    DecisionsMixin,
    ValuesMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    serializer_class = PredictionSerializer
    permission_classes = [MayScore]
    filterset_class: type[FilterSet] | None = PredictionFilters  # of predictions, not of their decisions
    pagination_class = PredictionPages
    queryset = Prediction.objects.none()
    lookup_value_regex = KEY_PATTERN

    def get_queryset(self) -> QuerySet[Prediction]:
        rows, user = Prediction.objects.of_product(product_of(self.request)), self.request.user
        rows = rows.opened_to(user) if self.detail else rows.visible_to(user)
        return rows.select_related(*_RELATED).defer("model_version__report")

    @query_parameters(*_FLAGS)
    @wait_for_large_calls
    @idempotent
    def create(self, request: Request) -> Response:
        atomic, validate_only, could_be, *_ = (query_flag(request, flag.name) for flag in _FLAGS)
        body = read_body(request)
        with json_refusals():
            checked = read_applications(active_model.schema_in_use(product_of(request).pk), body)
        if checked.is_object:
            return self._score_object(request, checked, validate_only=validate_only, could_be=could_be)
        if could_be:
            detail = "An array of applications has no could_be; send one application."
            raise serializers.ValidationError({"could_be": detail}, code="invalid")
        return self._score_array(request, checked, atomic, validate_only)

    def _score_object(
        self, request: Request, checked: CheckedRows, *, validate_only: bool, could_be: bool
    ) -> Response:
        if validate_only:
            return self._validated(request, checked)
        if checked.faults:
            return _refused_object(checked)
        scored = self._score(request, checked)
        reply = msgspec.structs.replace(scored[0], earlier=self._earlier(request, scored)[0])
        return Response(with_could_be(reply) if could_be else reply, status=201)

    def _score_array(
        self, request: Request, checked: CheckedRows, atomic: bool, validate_only: bool
    ) -> Response:
        if validate_only:
            return self._validated(request, checked)
        scored = None
        while scored is None and checked.records and not (atomic and checked.faults):
            try:
                scored = self._score(request, checked)
            except LoanIdTaken as error:
                checked.refuse_taken(error.taken)
        refused = len(checked.faults) + (0 if scored else len(checked.records))
        earlier = self._earlier(request, scored) if scored and query_flag(request, "earlier") else None
        return _scored(scored, earlier, checked, refused)

    def _validated(self, request: Request, checked: CheckedRows) -> Response:
        if shares_staff_ids(request.user):
            loan_ids = [record.loan_id or "" for record in checked.records]
            product_id = product_of(request).pk
            checked.refuse_taken(taken_ids(owner=request.user, product_id=product_id, loan_ids=loan_ids))
        counts = {"valid": len(checked.records), "refused": len(checked.faults)}
        return Response({**counts, "errors": checked.errors()})

    def _score(self, request: Request, checked: CheckedRows) -> ScoredRows:
        return scoring.score_records(
            owner=request.user,
            records=checked.records,
            source=Prediction.Source.API,
            product_id=product_of(request).pk,
            request_id=request._request.request_id,  # type: ignore[attr-defined]
            queue=query_flag(request, "queue", absent=True),
        )

    def _earlier(self, request: Request, scored: ScoredRows) -> list[int]:
        product_id, first = product_of(request).pk, min(scored.ids)
        return earlier_counts(scored.loan_ids, owner=request.user, product_id=product_id, before=first)


def _refused_object(checked: CheckedRows) -> Response:
    listed = [{key: error[key] for key in ("code", "detail", "attr")} for error in checked.errors()]
    return Response({"type": "validation_error", "errors": listed}, status=400)


def _scored(
    scored: ScoredRows | None, earlier: list[int] | None, checked: CheckedRows, refused: int
) -> Response:
    body = array_reply(scored, earlier, checked.errors(), refused)
    return Response(body, status=200 if scored else 400)


@extend_schema_view(list=extend_schema(summary="Applications as last scored, newest first"))
class ApplicantViewSet(StrictQuery, mixins.ListModelMixin, viewsets.GenericViewSet):
    serializer_class = ApplicantSerializer
    permission_classes = [MayScore]
    filterset_class = ApplicantFilters
    queryset = Applicant.objects.none()

    def get_queryset(self) -> QuerySet[Applicant]:
        return Applicant.objects.of_product(product_of(self.request)).visible_to(self.request.user)
