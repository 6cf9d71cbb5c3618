"""Shapes of replies about model versions."""

from rest_framework import serializers

from ml.training.recipe_titles import TITLES
from predictions.models import Activation, Comparison, ModelVersion


class ModelSerializer(serializers.ModelSerializer):
    """A model version in a list."""

    recipe = serializers.ChoiceField(list(TITLES))
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
    """What the gate said beside the version that was active; no verdict when it could not be made."""

    verdict = VerdictSerializer(allow_null=True)

    class Meta:
        model = Comparison
        fields = ["id", "incumbent", "at", "verdict", "error"]


class ModelDetailSerializer(ModelSerializer):
    """A model version with its figures and what the gate said of it."""

    report = serializers.DictField(help_text="Search, cross-validation beside the baselines, hold-out.")
    comparisons = ComparisonSerializer(many=True)

    class Meta(ModelSerializer.Meta):
        fields = [*ModelSerializer.Meta.fields, "report", "comparisons"]


class CardSerializer(serializers.Serializer):
    markdown = serializers.CharField()


class ActivationSerializer(serializers.ModelSerializer):
    """A line of the timeline."""

    by = serializers.CharField(source="by.username", allow_null=True, help_text="None for a command.")

    class Meta:
        model = Activation
        fields = ["id", "version", "previous", "at", "by", "reason", "overridden"]
