"""Decisions of one prediction: read them, add one."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.body import read_object
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.permissions import MayDecide
from predictions.api.calls.query import lists
from predictions.api.openapi import reference
from predictions.models import Decision
from predictions.services.cases.decisions import decide

_NOTHING = {"verdict": "", "code": "", "note": "", "applicant_text": ""}


class DecisionSerializer(serializers.ModelSerializer):
    """What a person decided; the newest one of a prediction counts."""

    by = serializers.CharField(source="by.username")

    class Meta:
        model = Decision
        fields = ["id", "prediction", "verdict", "override", "code", "note", "applicant_text", "by", "at"]


class DecisionsMixin(viewsets.GenericViewSet):
    @extend_schema(summary="Decisions on a prediction, newest first", responses=DecisionSerializer(many=True))
    @action(detail=True, permission_classes=[MayDecide], filterset_class=None)
    @lists
    def decisions(self, request: Request, pk: str) -> Response:
        rows = self.get_object().decisions.select_related("by")
        return self.get_paginated_response(DecisionSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        summary="Decide, or decide again: the decision before stays on record",
        request={"application/json": reference("DecisionWish")},
        responses={201: OpenApiResponse(DecisionSerializer, "Recorded.")},
    )
    @decisions.mapping.post
    @idempotent
    def decide(self, request: Request, pk: str) -> Response:
        wish = read_object(request, set(_NOTHING))
        made = decide(prediction=self.get_object(), by=request.user, **_said(wish))
        return Response(DecisionSerializer(made).data, status=201)


def _said(wish: dict[str, Any]) -> dict[str, Any]:
    return _NOTHING | wish
