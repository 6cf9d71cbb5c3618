"""Views of the API that need no credentials."""

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from predictions.api.calls.query import StrictQuery
from predictions.api.serializers import FeaturesSerializer
from predictions.live import active_model
from predictions.live.products import product_of
from predictions.models import Product
from predictions.reading import schema_versions


def features_json(product: Product, schema: Schema) -> dict[str, object]:
    """Return the features and the scorecard's columns for programs that build forms."""
    number = schema_versions.number_in_use(product.pk, schema)
    return {
        "features": [_feature_json(feature) for feature in schema.features],
        "model_columns": [
            {"column": c.column, "label": c.label, "sources": list(c.sources), "unit": c.unit}
            for c in schema.model_columns
        ],
        "product": product.name,
        "title": product.title,
        "schema": {"number": number, "digest": schema.digest},
        "id_column": schema.id_column,
        "means": schema.target.means,
    }


def _feature_json(feature: Feature) -> dict[str, object]:
    facts = {
        "column": feature.column,
        "label": feature.label,
        "group": feature.group,
        "kind": str(feature.kind),
        "required": not feature.optional,
        "protected": feature.protected,
        "choices": _words(feature.choices),
        "minimum": feature.minimum,
        "above": feature.above,
        "maximum": feature.maximum,
        "unit": feature.unit,
        "help": feature.help,
    }
    return facts | {"special": _words(feature.special)} if feature.special else facts


def _words(values: tuple[tuple[str | float, str], ...] | tuple[tuple[float, str], ...]) -> list[object]:
    return [{"value": value, "label": label} for value, label in values]


class FeaturesView(StrictQuery):
    """The features of an application and the columns of the scorecard: names, bounds, choices, units."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(summary="Features of an application", auth=[], responses=FeaturesSerializer)
    def get(self, request: Request) -> Response:
        product = product_of(request)
        return Response(features_json(product, active_model.schema_in_use(product.pk)))


class SchemaView(StrictQuery, SpectacularJSONAPIView):
    """The published schema, in its one language and version."""


class DocsView(SpectacularSwaggerSplitView):
    """A page about the published schema beside it."""

    def _get_schema_url(self, request: HttpRequest) -> str:
        return request.path.removesuffix("docs/") + "schema/"
