"""Applications by API: list, read, and all that people do on them."""

from contextlib import suppress
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.values import show_value
from ml.errors import InvalidValue
from predictions.api.calls.access import MayAssign, MayDecide, MayScore, MaySeeAll, MayWriteNotes
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import StrictQuery, list_parameters
from predictions.api.cases.decisions import (
    DECISION_FIELDS,
    DECISION_REPLIES,
    DecisionSerializer,
    decide_by_call,
    notes_context,
)
from predictions.api.cases.letters import Letters
from predictions.api.cases.newest import RELATED
from predictions.api.cases.replies import (
    ApplicationDetailSerializer,
    ApplicationFacts,
    EventSerializer,
    LoanApplicationSerializer,
    application_reply,
)
from predictions.api.json_schemas import reference
from predictions.api.lists import ApplicationFilters
from predictions.errors import InvalidFields
from predictions.live.products import product_of
from predictions.models import Applicant, ApplicationEvent, Decision, Prediction
from predictions.reading.applications import applications_for, with_state
from predictions.reading.filters import KEY_PATTERN, is_key
from predictions.services.cases import holds, merging, notes, withdrawals
from predictions.services.queue import assignment, claims


def _wish(name: str) -> dict[str, Any]:
    return {"application/json": reference(name)}


@extend_schema_view(list=extend_schema(summary="Applications, newest first"))
class ApplicationViewSet(StrictQuery, mixins.ListModelMixin, Letters):
    serializer_class = LoanApplicationSerializer
    permission_classes = [MayScore]
    filterset_class: type[FilterSet] | None = ApplicationFilters
    queryset = Applicant.objects.none()
    lookup_value_regex = KEY_PATTERN

    def get_queryset(self) -> QuerySet[Applicant]:
        return with_state(applications_for(self.request.user, product_of(self.request)))

    def paginate_queryset(self, queryset: Any) -> Any:
        page: Any = super().paginate_queryset(queryset)
        return _with_newest(page) if self.action == "list" else page

    @extend_schema(summary="One application", responses=ApplicationDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._reply(self._newest())

    @extend_schema(
        summary="Claim a waiting application",
        request=_wish("ClaimWish"),
        responses=ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["POST"], permission_classes=[MayDecide])
    @idempotent
    def claim(self, request: Request, pk: str) -> Response:
        newest, _ = self._asked(set())
        claims.claim_case(prediction=newest, by=request.user)
        return self._reply(newest)

    @extend_schema(summary="Release a claimed application", responses={204: None})
    @claim.mapping.delete
    def release(self, request: Request, pk: str) -> Response:
        claims.release_case(prediction=self._newest(), by=request.user)
        return Response(status=204)

    @extend_schema(
        summary="Assign a waiting application to a person",
        request=_wish("AssignmentWish"),
        responses=ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["POST"], permission_classes=[MayAssign])
    @idempotent
    def assign(self, request: Request, pk: str) -> Response:
        newest, asked = self._asked({"to"})
        account = assignment.account_named(asked.get("to"))
        assignment.assign_case(prediction=newest, to=account, by=request.user)
        return self._reply(newest)

    @extend_schema(
        summary="Put a waiting application on hold until a day",
        request=_wish("HoldWish"),
        responses=ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["POST"], permission_classes=[MayDecide])
    @idempotent
    def holds(self, request: Request, pk: str) -> Response:
        newest, asked = self._asked({"asked", "until"})
        words, day = asked.get("asked"), asked.get("until")
        holds.put_on_hold(prediction=newest, by=request.user, asked=words, until=day)
        return self._reply(newest)

    @extend_schema(
        summary="End a hold before its last day",
        request=_wish("HoldEndWish"),
        responses=ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["POST"], permission_classes=[MayDecide], url_path="holds/end")
    @idempotent
    def end_hold(self, request: Request, pk: str) -> Response:
        newest, _ = self._asked(set())
        holds.end_hold(prediction=newest, by=request.user)
        return self._reply(newest)

    @extend_schema(
        summary="Withdraw an application: nobody decides it",
        request=_wish("WithdrawalWish"),
        responses=ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["POST"], permission_classes=[MayDecide])
    @idempotent
    def withdraw(self, request: Request, pk: str) -> Response:
        newest, asked = self._asked({"reason"})
        withdrawals.withdraw(prediction=newest, by=request.user, reason=asked.get("reason"))
        return self._reply(newest)

    @extend_schema(
        summary="Merge an application into another one of its Loan_ID: it is read-only from then on",
        request=_wish("MergerWish"),
        responses=ApplicationDetailSerializer,
    )
    @action(detail=True, methods=["POST"], permission_classes=[MayAssign, MaySeeAll])
    @idempotent
    def merge(self, request: Request, pk: str) -> Response:
        newest, asked = self._asked({"into", "reason"})
        into = self._named(asked.get("into"))
        merging.merge(prediction=newest, into=into, by=request.user, reason=asked.get("reason"))
        return self._reply(newest)

    @extend_schema(summary="Notes for colleagues, newest first", responses=EventSerializer(many=True))
    @action(detail=True, permission_classes=[MayWriteNotes], filterset_class=None)
    @list_parameters
    def notes(self, request: Request, pk: str) -> Response:
        events = ApplicationEvent.objects.of_application(*self._newest().application)
        rows = events.filter(kind=ApplicationEvent.Kind.NOTE).select_related("by")
        return self.get_paginated_response(EventSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        summary="Add a note for colleagues",
        request=_wish("NoteWish"),
        responses={201: OpenApiResponse(EventSerializer, "Added.")},
    )
    @notes.mapping.post
    @idempotent
    def add_note(self, request: Request, pk: str) -> Response:
        newest, asked = self._asked({"text"})
        note = notes.add_note(prediction=newest, by=request.user, text=asked.get("text"))
        return Response(EventSerializer(note).data, status=201)

    @extend_schema(
        summary="Decisions on an application, newest first", responses=DecisionSerializer(many=True)
    )
    @action(detail=True, permission_classes=[MayDecide], filterset_class=None)
    @list_parameters
    def decisions(self, request: Request, pk: str) -> Response:
        rows = Decision.objects.of_application(*self._newest().application)
        page = self.paginate_queryset(rows.select_related("by", "confirmed_by"))
        listed = DecisionSerializer(page, many=True, context=notes_context(request.user))
        return self.get_paginated_response(listed.data)

    @extend_schema(
        summary="Decide an application by its newest prediction",
        request=_wish("ApplicationDecisionWish"),
        responses=DECISION_REPLIES,
    )
    @decisions.mapping.post
    @idempotent
    def decide(self, request: Request, pk: str) -> Response:
        newest, asked = self._asked({*DECISION_FIELDS})
        return decide_by_call(newest, request.user, asked)

    def _named(self, pk: object) -> Prediction:
        """Return the newest prediction of the application that a body names. Raises `InvalidFields`."""
        if isinstance(pk, int) and not isinstance(pk, bool) and is_key(str(pk)):
            with suppress(Http404):
                return self._newest_of(pk)
        detail = f"{show_value(pk)} is not the id of an application."
        raise InvalidFields({"into": InvalidValue("invalid", detail)})

    def _reply(self, newest: Prediction) -> Response:
        """Return the reply of the application as it is now."""
        rows: QuerySet[Any] = Prediction.objects.select_related(*RELATED).defer("model_version__report")
        facts = ApplicationFacts(int(self.kwargs["pk"]), with_state(rows).get(pk=newest.pk))
        return Response(application_reply(facts, self.request.user))


def _with_newest(page: list[Any]) -> list[ApplicationFacts]:
    """Return the facts of a page of applications, in one query."""
    rows = Prediction.objects.select_related("owner").defer("warnings")
    newest: dict[int, Any] = rows.in_bulk([row.newest_id for row in page])
    for row in page:
        newest[row.newest_id].state = row.state
    return [ApplicationFacts(row.pk, newest[row.newest_id]) for row in page]
