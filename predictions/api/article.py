"""The article's endpoint with its wire format: old clients work unchanged."""

from collections.abc import Sequence

import msgspec
from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.types import Record
from predictions.api.calls.access import MayScore
from predictions.api.calls.body import json_refusals, read_body, wait_for_large_calls
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import StrictQuery
from predictions.api.json_schemas import reference
from predictions.api.openapi import ARTICLE_ERROR, ARTICLE_REPLY
from predictions.errors import LoanIdTaken
from predictions.live import active_model, products
from predictions.models import BUILT_IN, Prediction
from predictions.services.accounts import article_user
from predictions.services.scoring import scoring
from predictions.services.writing.bodies import read_article_rows
from predictions.services.writing.replies import ScoredRows


class PredictView(StrictQuery):
    """Score an array of applications: 1 for approved, 0 for denied."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        if settings.ARTICLE_ENDPOINT == "off":
            raise Http404
        super().initial(request, *args, **kwargs)

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if settings.ARTICLE_ENDPOINT == "open" else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if settings.ARTICLE_ENDPOINT == "open" else [MayScore()]

    @extend_schema(
        operation_id="article_predict",
        summary="The article's endpoint",
        request={"application/json": reference("ArticleRows")},
        responses={
            200: ARTICLE_REPLY,
            400: ARTICLE_ERROR,
            404: OpenApiResponse(reference("Errors"), "The endpoint is off, or its product is retired."),
        },
    )
    @wait_for_large_calls
    @idempotent
    def post(self, request: Request) -> Response:
        body = read_body(request)
        if products.built_in().retired:
            raise Http404
        with json_refusals():
            checked = read_article_rows(active_model.schema_in_use(BUILT_IN), body)
        if checked.faults:
            return _bad_request(request, checked.errors())
        try:
            scored = _score(request, checked.records)
        except LoanIdTaken as error:
            checked.refuse_taken(error.taken)
            return _bad_request(request, checked.errors())
        return Response({"predictions": _encoded(scored)})

    def handle_exception(self, exc: Exception) -> Response:
        """Give a refusal of the request the article's shape."""
        reply = super().handle_exception(exc)
        return _bad_request(self.request, reply.data["errors"]) if reply.status_code == 400 else reply


def _score(request: Request, records: Sequence[Record]) -> ScoredRows:
    return scoring.score_records(
        owner=article_user() if settings.ARTICLE_ENDPOINT == "open" else request.user,
        records=records,
        source=Prediction.Source.ARTICLE,
        request_id=request._request.request_id,  # type: ignore[attr-defined]
    )


def _encoded(scored: ScoredRows) -> str:
    pairs = zip(scored.loan_ids, scored.kinds, strict=True)
    rows = [{"0": loan_id, "1": int(kind.reply.approved)} for loan_id, kind in pairs]
    return msgspec.json.encode(rows).decode()


def _bad_request(request: Request, errors: list[dict[str, object]]) -> Response:
    message = f"Bad Request: {request.build_absolute_uri()}--> Please check your data payload..."
    return Response({"status": 400, "message": message, "errors": errors}, status=400)
