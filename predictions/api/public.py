"""Views of the API that need no credentials."""

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.query import StrictQuery
from predictions.api.features import features_json
from predictions.api.serializers import FeaturesSerializer


class FeaturesView(StrictQuery):
    """The eleven features and the columns of the scorecard: names, bounds, choices, units."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(summary="Features of an application", auth=[], responses=FeaturesSerializer)
    def get(self, request: Request) -> Response:
        return Response(features_json())


class SchemaView(StrictQuery, SpectacularJSONAPIView):
    """The published schema, in its one language and version."""
