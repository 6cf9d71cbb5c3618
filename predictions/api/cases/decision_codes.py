"""The catalogue of decision codes by API, retired codes included: old decisions have them."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.access import MayScore
from predictions.api.calls.query import StrictQuery
from predictions.models import DecisionCode


class DecisionCodeSerializer(serializers.ModelSerializer):
    """A reason of overrides or denials."""

    retired = serializers.SerializerMethodField(help_text="Refused for new decisions.")

    class Meta:
        model = DecisionCode
        fields = ["name", "label", "for_overrides", "for_denials", "needs_note", "applicant_text", "retired"]

    def get_retired(self, code: DecisionCode) -> bool:
        return code.retired_at is not None


class DecisionCodesSerializer(serializers.Serializer):
    results = DecisionCodeSerializer(many=True)


class DecisionCodesView(StrictQuery):
    permission_classes = [MayScore]

    @extend_schema(
        operation_id="decision_codes_list",
        summary="Codes of decisions, which an admin keeps",
        responses=DecisionCodesSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response({"results": DecisionCodeSerializer(DecisionCode.objects.all(), many=True).data})
