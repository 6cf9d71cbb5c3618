"""Values of an application by API: whoever works a case fills a gap or corrects a value."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.access import MayDecide
from predictions.api.calls.body import query_flag, read_object
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import query_parameters
from predictions.api.cases.could_be import COULD_BE, with_could_be
from predictions.api.json_schemas import reference
from predictions.api.serializers import PredictionSerializer
from predictions.models import Prediction
from predictions.services.cases.values import change_values


class ValuesMixin(viewsets.GenericViewSet):
    @extend_schema(
        summary="Change values of an application, which is assessed again",
        request={"application/json": reference("ValuesWish")},
        responses={201: OpenApiResponse(PredictionSerializer, "The new newest prediction.")},
    )
    @action(detail=True, methods=["POST"], permission_classes=[MayDecide])
    @query_parameters(COULD_BE)
    @idempotent
    def values(self, request: Request, pk: str) -> Response:
        could_be = query_flag(request, COULD_BE.name)
        sent = {"values": {}, "why": ""} | read_object(request, {"values", "why"})
        reply = change_values(
            prediction=self.get_object(),
            by=request.user,
            values=sent["values"],
            why=sent["why"],
            source=Prediction.Source.API,
            request_id=request._request.request_id,  # type: ignore[attr-defined]
        )
        return Response(with_could_be(reply) if could_be else reply, status=201)
