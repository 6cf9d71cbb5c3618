"""Decisions by API: on the newest prediction of an application, and listed."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.values import show_value
from predictions.api.calls.access import MayDecide, may_read_notes
from predictions.api.calls.body import read_object
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import list_parameters
from predictions.api.cases.proposals import ProposalSerializer
from predictions.api.json_schemas import reference
from predictions.models import Decision, Prediction, Proposal
from predictions.models.querysets import AnyUser
from predictions.services.cases.proposals import decide_or_propose

_EMPTY = {"verdict": "", "code": "", "note": "", "applicant_text": "", "terms": None, "after": None}
DECISION_FIELDS = frozenset(_EMPTY)


class DecisionSerializer(serializers.ModelSerializer):
    """A person's decision; the newest one on a prediction counts."""

    note = serializers.CharField(help_text="For colleagues; empty for accounts that read no notes.")
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

    def to_representation(self, instance: Decision) -> dict[str, Any]:
        reply: dict[str, Any] = super().to_representation(instance)
        return reply if self.context["may_read_notes"] else reply | {"note": ""}


def notes_context(user: AnyUser) -> dict[str, Any]:
    """Return what serializers of a case must know about who reads it."""
    return {"may_read_notes": may_read_notes(user)}


DECISION_REPLIES = {
    201: OpenApiResponse(DecisionSerializer, "Recorded."),
    202: OpenApiResponse(ProposalSerializer, "Proposed: another account must confirm it."),
}


def decide_by_call(prediction: Prediction, by: AnyUser, document: dict[str, Any]) -> Response:
    """Decide as the fields of a body say, or propose it."""
    requested = _EMPTY | document
    if not isinstance(requested["after"], int | None) or isinstance(requested["after"], bool):
        detail = f"{show_value(requested['after'])} is not the id of a decision; expected a number or null."
        raise serializers.ValidationError({"after": detail}, code="invalid")
    made = decide_or_propose(prediction=prediction, by=by, **requested)
    if isinstance(made, Proposal):
        return Response(ProposalSerializer(made).data, status=202)
    return Response(DecisionSerializer(made, context=notes_context(by)).data, status=201)


class DecisionsMixin(viewsets.GenericViewSet):
    """The decisions below the address of a prediction."""

    @extend_schema(summary="Decisions on a prediction, newest first", responses=DecisionSerializer(many=True))
    @action(detail=True, permission_classes=[MayDecide], filterset_class=None)
    @list_parameters
    def decisions(self, request: Request, pk: str) -> Response:
        rows = self.paginate_queryset(self.get_object().decisions.select_related("by", "confirmed_by"))
        listed = DecisionSerializer(rows, many=True, context=notes_context(request.user))
        return self.get_paginated_response(listed.data)

    @extend_schema(
        summary="Decide, or decide again: the decision before stays on record",
        request={"application/json": reference("DecisionWish")},
        responses=DECISION_REPLIES,
    )
    @decisions.mapping.post
    @idempotent
    def decide(self, request: Request, pk: str) -> Response:
        document = read_object(request, set(DECISION_FIELDS))
        return decide_by_call(self.get_object(), request.user, document)
