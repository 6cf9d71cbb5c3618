"""Predictions and their decisions by API: score, list, read, decide."""

from typing import Any

import msgspec
from django.db.models import QuerySet
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.values import show_value
from predictions.api.calls.access import MayDecide, MayScore
from predictions.api.calls.body import (
    json_refusals,
    query_flag,
    read_body,
    read_object,
    wait_for_large_calls,
)
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import QUEUE, StrictQuery, list_parameters, query_parameters
from predictions.api.json_schemas import reference
from predictions.api.lists import ApplicantFilters, PredictionFilters
from predictions.api.proposals import ProposalSerializer
from predictions.api.serializers import (
    ARRAY_REPLY,
    REFUSED_REPLY,
    ApplicantSerializer,
    CouldBeSerializer,
    PredictionSerializer,
)
from predictions.api.values import ValuesMixin
from predictions.errors import LoanIdTaken
from predictions.live import active_model
from predictions.live.products import product_of
from predictions.models import Applicant, Decision, Prediction, Proposal
from predictions.reading.earlier import earlier_counts
from predictions.reading.filters import KEY_PATTERN
from predictions.services.cases.proposals import decide_or_propose
from predictions.services.cases.what_if import largest_amount
from predictions.services.scoring import scoring
from predictions.services.scoring.namespaces import shares_staff_ids, taken_ids
from predictions.services.writing.bodies import CheckedRows, read_applications
from predictions.services.writing.replies import PredictionReply, ScoredRows

_EMPTY_DECISION = {"verdict": "", "code": "", "note": "", "applicant_text": "", "terms": None, "after": None}


class DecisionSerializer(serializers.ModelSerializer):
    """A person's decision; the newest one on a prediction counts."""

    by = serializers.CharField(source="by.username")
    confirmed_by = serializers.CharField(
        source="confirmed_by.username",
        allow_null=True,
        default=None,
        help_text="The second person, where the policy asked for one.",
    )
    terms = serializers.DictField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="The amount or term approved in place of the one asked for.",
    )

    class Meta:
        model = Decision
        fields = [
            *("id", "prediction", "verdict", "override", "code", "note", "applicant_text"),
            *("terms", "probability", "by", "confirmed_by", "at"),
        ]


class DecisionsMixin(viewsets.GenericViewSet):
    @extend_schema(summary="Decisions on a prediction, newest first", responses=DecisionSerializer(many=True))
    @action(detail=True, permission_classes=[MayDecide], filterset_class=None)
    @list_parameters
    def decisions(self, request: Request, pk: str) -> Response:
        rows = self.get_object().decisions.select_related("by", "confirmed_by")
        return self.get_paginated_response(DecisionSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        summary="Decide, or decide again: the decision before stays on record",
        request={"application/json": reference("DecisionWish")},
        responses={
            201: OpenApiResponse(DecisionSerializer, "Recorded."),
            202: OpenApiResponse(ProposalSerializer, "Proposed: another account must confirm it."),
        },
    )
    @decisions.mapping.post
    @idempotent
    def decide(self, request: Request, pk: str) -> Response:
        requested: dict[str, Any] = _EMPTY_DECISION | read_object(request, set(_EMPTY_DECISION))
        _check_after(requested["after"])
        made = decide_or_propose(prediction=self.get_object(), by=request.user, **requested)
        if isinstance(made, Proposal):
            return Response(ProposalSerializer(made).data, status=202)
        return Response(DecisionSerializer(made).data, status=201)


def _check_after(after: object) -> None:
    if not isinstance(after, int | None) or isinstance(after, bool):
        detail = f"{show_value(after)} is not the id of a decision; expected a number or null."
        raise serializers.ValidationError({"after": detail}, code="invalid")


_RELATED = ("explanation", "policy", "model_version")
_FLAGS = [
    OpenApiParameter("atomic", bool, description="Refuse all rows when one is bad."),
    OpenApiParameter("validate_only", bool, description="Check the rows; score and store nothing."),
    OpenApiParameter("could_be", bool, description="One application: the largest amount to approve, too."),
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
    queryset = Prediction.objects.none()
    lookup_value_regex = KEY_PATTERN

    def get_queryset(self) -> QuerySet[Prediction]:
        rows = Prediction.objects.of_product(product_of(self.request)).visible_to(self.request.user)
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
        return Response(_with_could_be(reply) if could_be else reply, status=201)

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


def _with_could_be(reply: PredictionReply) -> dict[str, object]:
    """Add the largest amount that the policy would approve to the reply of one application."""
    stored = Prediction.objects.select_related(*_RELATED).defer("model_version__report").get(pk=reply.id)
    found = largest_amount(prediction=stored)
    scored: dict[str, object] = msgspec.json.decode(msgspec.json.encode(reply))
    return scored | {"could_be": found and CouldBeSerializer(found).data}


def _refused_object(checked: CheckedRows) -> Response:
    listed = [{key: error[key] for key in ("code", "detail", "attr")} for error in checked.errors()]
    return Response({"type": "validation_error", "errors": listed}, status=400)


def _scored(
    scored: ScoredRows | None, earlier: list[int] | None, checked: CheckedRows, refused: int
) -> Response:
    body = {
        "scored": len(scored) if scored else 0,
        "refused": refused,
        "predictions": scored.json(earlier) if scored else [],
        "errors": checked.errors(),
    }
    return Response(body, status=200 if scored else 400)


@extend_schema_view(list=extend_schema(summary="Applications as last scored, newest first"))
class ApplicantViewSet(StrictQuery, mixins.ListModelMixin, viewsets.GenericViewSet):
    serializer_class = ApplicantSerializer
    permission_classes = [MayScore]
    filterset_class = ApplicantFilters
    queryset = Applicant.objects.none()

    def get_queryset(self) -> QuerySet[Applicant]:
        return Applicant.objects.of_product(product_of(self.request)).visible_to(self.request.user)
