"""Model versions by API: list, read, activate, compare, export."""

from collections.abc import Mapping
from typing import TypedDict

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import FilterSet
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.reports.card import model_card_markdown
from ml.sql import DIALECTS
from ml.training import RECIPE_TITLES
from predictions.api.calls.access import MaySeeModels
from predictions.api.calls.body import read_object
from predictions.api.calls.idempotency import idempotent
from predictions.api.calls.query import StrictQuery, list_parameters, query_parameters
from predictions.api.cases.proposals import ProposalSerializer
from predictions.api.json_schemas import reference
from predictions.api.lists import TimelineFilters
from predictions.api.serializers import IdleCheckSerializer
from predictions.live.products import product_of
from predictions.live.schemas import schema_of_version
from predictions.models import Activation, Comparison, ModelVersion, Proposal
from predictions.reading.filters import KEY_PATTERN
from predictions.services.policies.idle_checks import IdleCheck, idle_checks
from predictions.services.versions import gate
from predictions.services.versions.export import card_facts, export_version
from predictions.services.versions.proposals import activate_or_propose
from predictions.words.written import checked_reason


class ModelSerializer(serializers.ModelSerializer):
    """A model version in a list."""

    recipe = serializers.ChoiceField(list(RECIPE_TITLES))
    live = serializers.SerializerMethodField(help_text="Whether it is the active version.")

    class Meta:
        model = ModelVersion
        fields = [
            *("id", "recipe", "status", "live", "columns", "protected_columns", "data_name", "data_digest"),
            *("synthetic", "created_at", "activated_at", "reason"),
        ]

    def get_live(self, version: ModelVersion) -> bool:
        return bool(version.status == ModelVersion.Status.ACTIVE)


class CheckSerializer(serializers.Serializer):
    name = serializers.CharField()
    outcome = serializers.ChoiceField(["passed", "warning", "refused"])
    detail = serializers.CharField()


class VerdictSerializer(serializers.Serializer):
    refused = serializers.BooleanField()
    checks = CheckSerializer(many=True)


class ComparisonSerializer(serializers.ModelSerializer):
    """The gate's verdict against the version that was active then. It is null if the comparison failed."""

    verdict = VerdictSerializer(allow_null=True)

    class Meta:
        model = Comparison
        fields = ["id", "incumbent", "at", "verdict", "error"]


class ModelDetailSerializer(ModelSerializer):
    """A model version with its metrics and the gate's verdict."""

    report = serializers.DictField(help_text="Search, cross-validation beside the baselines, hold-out.")
    comparisons = ComparisonSerializer(many=True)
    warnings = serializers.SerializerMethodField(
        help_text="What the policy in force checks in vain in applications of this version's schema."
    )

    class Meta(ModelSerializer.Meta):
        fields = [*ModelSerializer.Meta.fields, "report", "comparisons", "warnings"]

    @extend_schema_field(IdleCheckSerializer(many=True))
    def get_warnings(self, version: ModelVersion) -> list[dict[str, str | None]]:
        checks = idle_checks(product_id=version.product_key, schema=schema_of_version(version.pk))
        return list(map(IdleCheck._asdict, checks))


class CardSerializer(serializers.Serializer):
    markdown = serializers.CharField()


class ActivationSerializer(serializers.ModelSerializer):
    """A line of the timeline."""

    by = serializers.CharField(source="by.username", allow_null=True, help_text="None for a command.")

    class Meta:
        model = Activation
        fields = ["id", "version", "previous", "at", "by", "reason", "overridden"]


_SQL = [
    OpenApiParameter("dialect", str, enum=list(DIALECTS), description="SQL in this dialect, not JSON."),
    OpenApiParameter("table", str, description="The table that the SQL reads from."),
    OpenApiParameter("key", str, description="The table's column that tells rows apart."),
]


@extend_schema_view(
    list=extend_schema(summary="Model versions, newest first"),
    retrieve=extend_schema(summary="One model version, with its figures"),
)
class ModelViewSet(StrictQuery, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    permission_classes = [MaySeeModels]
    lookup_value_regex = KEY_PATTERN
    queryset = ModelVersion.objects.all()
    filterset_class: type[FilterSet] | None = None  # of the timeline only

    def get_serializer_class(self) -> type[ModelSerializer]:
        return ModelSerializer if self.action == "list" else ModelDetailSerializer

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return ModelVersion.objects.of_product(product_of(self.request)).prefetch_related("comparisons")

    @extend_schema(
        summary="Make a version the active one, or roll back to it",
        request={"application/json": reference("ActivationWish")},
        responses={
            200: ModelDetailSerializer,
            202: OpenApiResponse(ProposalSerializer, "Proposed: a second person must confirm it."),
        },
    )
    @action(detail=True, methods=["POST"])
    @idempotent
    def activate(self, request: Request, pk: str) -> Response:
        """A candidate must pass the gate, which requires a comparison with the active version."""
        requested = _requested_activation(request)
        done = activate_or_propose(version_id=self.get_object().pk, by=request.user, **requested)
        if isinstance(done, Proposal):
            return Response(ProposalSerializer(done).data, status=202)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Compare a version with the active one, in the background",
        request=None,
        responses={202: None},
    )
    @action(detail=True, methods=["POST"])
    def compare(self, request: Request, pk: str) -> Response:
        gate.request_comparison(candidate=self.get_object())
        return Response(status=202)

    @extend_schema(
        summary="A scorecard for other systems: its points as JSON, or one SQL query",
        responses={(200, "application/json"): dict, (200, "application/sql"): str},
    )
    @action(detail=True)
    @query_parameters(*_SQL)
    def export(self, request: Request, pk: str) -> HttpResponse:
        wanted = {parameter.name: request.query_params.get(parameter.name) for parameter in _SQL}
        format = "json" if set(wanted.values()) == {None} else "sql"
        exported = export_version(self.get_object(), format=format, **wanted)
        return HttpResponse(exported.text, content_type=exported.content_type)

    @extend_schema(summary="The model card of a version, as Markdown", responses=CardSerializer)
    @action(detail=True)
    def card(self, request: Request, pk: str) -> Response:
        return Response({"markdown": model_card_markdown(card_facts(self.get_object()))})

    @extend_schema(
        summary="Which version was live when, newest first", responses=ActivationSerializer(many=True)
    )
    @action(
        detail=False,
        queryset=Activation.objects.select_related("by"),
        filterset_class=TimelineFilters,
        serializer_class=ActivationSerializer,
    )
    @list_parameters
    def timeline(self, request: Request) -> Response:
        rows = Activation.objects.of_product(product_of(request)).select_related("by")
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(ActivationSerializer(page, many=True).data)


class _Activation(TypedDict):
    reason: str
    override: bool
    confirm_means: bool


def _requested_activation(request: Request) -> _Activation:
    """Read the reason and the wishes of an activation; each fault is named by its field."""
    document = read_object(request, {"reason", "override", "confirm_means"})
    try:
        reason = checked_reason(document.get("reason"))
    except InvalidValue as error:
        raise ValidationError({"reason": error.detail}, code=error.code) from None
    override, confirm_means = (_flag(document, name) for name in ("override", "confirm_means"))
    return {"reason": reason, "override": override, "confirm_means": confirm_means}


def _flag(document: Mapping[str, object], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise ValidationError({name: f"true or false is expected, not {show_value(value)}."}, code="invalid")
    return value
