"""Proposals by API: what one account wants and another one must confirm."""

from django.db.models import Q, QuerySet
from django_filters import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.access import MaySeeProposals
from predictions.api.calls.body import read_object
from predictions.api.calls.idempotency import accepts_idempotency_key, idempotent, reply_once
from predictions.api.calls.query import StrictQuery
from predictions.api.json_schemas import reference
from predictions.api.lists import ProposalFilters
from predictions.live.products import product_of
from predictions.models import Prediction, Proposal
from predictions.reading.filters import KEY_PATTERN
from predictions.roles import SEE_MODELS
from predictions.services import answers, proposals


@extend_schema_field({"type": "object"})
class _ContentField(serializers.JSONField):
    """What is proposed, in the words of the call that proposed it."""


class ProposalSerializer(serializers.ModelSerializer):
    """A decision, a policy or an activation that a second person must confirm."""

    kind = serializers.ChoiceField(Proposal.Kind.choices)
    content = _ContentField(help_text="What was asked for.")
    limits = serializers.ListField(
        child=serializers.CharField(), help_text="What of the policy asks for a second person."
    )
    by = serializers.CharField(source="by.username")
    answer = serializers.ChoiceField([("", "Open"), *Proposal.Answer.choices])
    answered_by = serializers.CharField(source="answered_by.username", allow_null=True)

    class Meta:
        model = Proposal
        fields = [
            *("id", "kind", "prediction", "content", "limits", "by", "at"),
            *("answer", "answered_by", "answered_at", "answer_text"),
        ]


@extend_schema_view(
    list=extend_schema(summary="Proposals, newest first"), retrieve=extend_schema(summary="One proposal")
)
class ProposalViewSet(StrictQuery, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    serializer_class = ProposalSerializer
    permission_classes = [MaySeeProposals]
    filterset_class: type[FilterSet] | None = ProposalFilters
    queryset = Proposal.objects.none()
    lookup_value_regex = KEY_PATTERN

    def get_queryset(self) -> QuerySet[Proposal]:
        """Return the proposals of what the caller may see: of own or all cases, of policies and models."""
        user = self.request.user
        visible = Q(kind=Proposal.Kind.DECISION, prediction__in=Prediction.objects.visible_to(user))
        if user.has_perm(SEE_MODELS):
            visible |= Q(kind__in=[Proposal.Kind.POLICY, Proposal.Kind.ACTIVATION])
        rows = Proposal.objects.of_product(product_of(self.request)).filter(visible)
        return rows.select_related("by", "answered_by")

    @extend_schema(summary="Confirm what another account proposed", request=None)
    @action(detail=True, methods=["POST"])
    @accepts_idempotency_key
    def confirm(self, request: Request, pk: str) -> Response:
        proposal = self._to_answer()
        return reply_once(request, b"", lambda: self._confirm(proposal))  # type: ignore[return-value]

    def _confirm(self, proposal: Proposal) -> Response:
        answers.confirm(proposal=proposal, by=self.request.user)
        return self._reply(proposal)

    @extend_schema(
        summary="Refuse what another account proposed", request={"application/json": reference("RefusalWish")}
    )
    @action(detail=True, methods=["POST"])
    @idempotent
    def refuse(self, request: Request, pk: str) -> Response:
        proposal = self._to_answer()
        text = read_object(request, {"text"}).get("text", "")
        proposals.refuse(proposal=proposal, by=request.user, text=text)
        return self._reply(proposal)

    @extend_schema(summary="Take back an own proposal", request=None)
    @action(detail=True, methods=["POST"], url_path="take-back")
    @accepts_idempotency_key
    def take_back(self, request: Request, pk: str) -> Response:
        proposal = self.get_object()
        return reply_once(request, b"", lambda: self._take_back(proposal))  # type: ignore[return-value]

    def _take_back(self, proposal: Proposal) -> Response:
        proposals.take_back(proposal=proposal, by=self.request.user)
        return self._reply(proposal)

    def _to_answer(self) -> Proposal:
        """Return the proposal of the address. Raises `PermissionDenied` if the caller may not answer it."""
        proposal: Proposal = self.get_object()
        if not self.request.user.has_perm(proposals.RIGHT_TO_ANSWER[proposal.kind]):
            raise PermissionDenied
        return proposal

    def _reply(self, proposal: Proposal) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=proposal.pk)).data)
