"""Views of the API that need no credentials."""

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from ml.scorecard.columns import MODEL_COLUMNS
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from ml.applications.schema import FEATURES, Feature
from predictions.api.calls.query import StrictQuery
from predictions.api.serializers import FeaturesSerializer


def features_json() -> dict[str, object]:
    """Return the features and the scorecard's columns for programs that build forms."""
    return {
        "features": [_feature_json(feature) for feature in FEATURES],
        "model_columns": [
            {"column": c.column, "label": c.label, "sources": list(c.sources), "unit": c.unit}
            for c in MODEL_COLUMNS
        ],
    }


def _feature_json(feature: Feature) -> dict[str, object]:
    return {
        "column": feature.column,
        "label": feature.label,
        "group": str(feature.group),
        "kind": str(feature.kind),
        "required": not feature.optional,
        "protected": feature.protected,
        "choices": [{"value": value, "label": label} for value, label in feature.choices],
        "minimum": feature.minimum,
        "above": feature.above,
        "maximum": feature.maximum,
        "unit": feature.unit,
        "help": feature.help,
    }


class FeaturesView(StrictQuery):
    """The eleven features and the columns of the scorecard: names, bounds, choices, units."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(summary="Features of an application", auth=[], responses=FeaturesSerializer)
    def get(self, request: Request) -> Response:
        return Response(features_json())


class SchemaView(StrictQuery, SpectacularJSONAPIView):
    """The published schema, in its one language and version."""
