"""The history as a file, for programs."""

from django.http import StreamingHttpResponse
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request

from predictions.api.calls.access import MayExport
from predictions.api.calls.query import StrictQuery, list_parameters
from predictions.api.lists import PredictionFilters
from predictions.live.products import product_of
from predictions.models import Prediction
from predictions.reading.keyset import NEWEST, SORTS
from predictions.requests.streamed_files import csv_reply
from predictions.services.cases.history_export import export_history


class HistoryFileViewSet(StrictQuery, viewsets.GenericViewSet):
    permission_classes = [MayExport]
    filterset_class: type[FilterSet] | None = PredictionFilters
    queryset = Prediction.objects.none()
    pagination_class = None

    @extend_schema(
        summary="The predictions that the filters leave as a CSV file, newest first; the download is audited",
        filters=True,
        responses={(200, "text/csv"): OpenApiResponse(str, "The file.")},
    )
    @list_parameters
    def file(self, request: Request) -> StreamingHttpResponse:
        product = product_of(request)
        rows = Prediction.objects.of_product(product).visible_to(request.user)
        lines = export_history(
            rows=self.filter_queryset(rows),
            order=SORTS[NEWEST].order,
            filters=request.query_params.dict(),
            by=request.user,
            product=product,
        )
        return csv_reply(f"history-{product.name}.csv", lines)
