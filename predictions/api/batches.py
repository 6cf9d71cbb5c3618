"""Batches by API: files of applications that the worker checks and scores in the background."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.api.calls.access import MayScore
from predictions.api.calls.body import query_flag
from predictions.api.calls.idempotency import accepts_idempotency_key, reply_once
from predictions.api.calls.query import QUEUE, StrictQuery, query_parameters
from predictions.api.calls.uploads import ANY_FILE, FILE_TYPES, UnreadFile, receive_upload
from predictions.api.previews import PREVIEW, READING, PreviewSerializer, preview_of
from predictions.live.products import product_of
from predictions.models import Batch, Prediction
from predictions.reading.counts import progress_of
from predictions.reading.filters import KEY_PATTERN
from predictions.requests.bodies import takes_file
from predictions.requests.streamed_files import csv_reply, file_reply
from predictions.roles import SCORE
from predictions.services.batches import downloads
from predictions.services.batches import files as batch_files
from predictions.services.batches import requests as batches
from predictions.services.batches.outcomes import counts_by_outcome
from predictions.services.batches.workbook import XLSX
from predictions.web.mounts import application_link

_BYTES = {"type": "string", "format": "binary"}
FILE_BODY: dict[str, Any] = {
    "multipart/form-data": {"type": "object", "required": ["file"], "properties": {"file": _BYTES}},
    ANY_FILE: _BYTES,  # stands for all FILE_TYPES: generators of clients know no others
}
_TYPES = ", ".join(FILE_TYPES[:-1]) + f" or {FILE_TYPES[-1]}"
NAME_PARAMETER = OpenApiParameter(
    "name", str, description="What the file is called, when it is the body itself."
)


_OutcomesSerializer = type(
    "OutcomesSerializer",
    (serializers.Serializer,),
    {outcome: serializers.IntegerField(min_value=0) for outcome in Prediction.Outcome.values},
)


class BatchSerializer(serializers.ModelSerializer):
    """One file of applications. done = scored + refused; rows is known once the file's form is checked."""

    owner = serializers.CharField(source="owner.username", read_only=True)
    rows = serializers.IntegerField(allow_null=True, read_only=True)
    done = serializers.IntegerField(read_only=True)
    scored = serializers.IntegerField(read_only=True)
    refused = serializers.IntegerField(read_only=True)
    remarked = serializers.IntegerField(read_only=True, help_text="Scored rows with a remark.")
    outcomes = _OutcomesSerializer(
        read_only=True, help_text="Scored rows by outcome, without those that a release before 0.9.0 scored."
    )
    further_columns = serializers.SerializerMethodField(
        help_text="Columns of the file that the product does not have; results.csv has them after its own."
    )
    rows_per_second = serializers.FloatField(allow_null=True, read_only=True)
    seconds_left = serializers.FloatField(allow_null=True, read_only=True)

    class Meta:
        model = Batch
        fields = [
            *("id", "owner", "name", "size", "digest", "status", "error"),
            *("rows", "done", "scored", "refused", "remarked", "outcomes", "rows_per_second", "seconds_left"),
            *("further_columns", "queue"),
            *("model_version", "policy", "created_at", "started_at", "checked_at", "finished_at"),
        ]
        read_only_fields = fields

    def get_further_columns(self, batch: Batch) -> list[str]:
        return batch.further_columns or []

    def to_representation(self, instance: Any) -> dict[str, object]:
        """Count the outcomes of a single batch; a page of batches has them already."""
        if not hasattr(instance, "outcomes"):
            _count_outcomes([instance])
        for name, value in progress_of(instance)._asdict().items():
            setattr(instance, name, value)
        return super().to_representation(instance)


BATCH_FILES = {
    "results": r"results\.csv",
    "workbook": r"results\.xlsx",
    "errors": r"errors\.csv",
    "refused": r"refused\.csv",
}  # by the method that sends it
WORDS = OpenApiParameter(
    "words",
    {"type": "boolean", "default": False},
    description="Whether to add outcome and causes in words, and the address of the application's page.",
)
_FILE = {(200, "text/csv"): OpenApiResponse(str, "The file.")}


@extend_schema_view(
    list=extend_schema(summary="Batches, newest first"),
    retrieve=extend_schema(summary="One batch, and how far it is"),
)
class BatchViewSet(StrictQuery, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    serializer_class = BatchSerializer
    permission_classes = [MayScore]
    parser_classes = [UnreadFile]
    queryset = Batch.objects.none()
    lookup_value_regex = KEY_PATTERN
    filterset_class: type[FilterSet] | None = None

    def get_queryset(self) -> QuerySet[Batch]:
        rows = Batch.objects.of_product(product_of(self.request)).visible_to(self.request.user)
        return rows.with_counts().select_related("owner", "policy")

    def paginate_queryset(self, queryset: Any) -> Any:
        page: Any = super().paginate_queryset(queryset)
        _count_outcomes(page)
        return page

    @extend_schema(
        summary="Have a file of applications scored in the background, or see how it is read",
        description=f"{StrictQuery.__doc__} A file that is the body itself is {_TYPES}.",
        request=FILE_BODY,
        responses={
            200: OpenApiResponse(PreviewSerializer, "How the file is read (`preview=true`)."),
            202: OpenApiResponse(BatchSerializer, "Accepted; the rows are still to be looked at."),
        },
    )
    @takes_file(SCORE)
    @query_parameters(NAME_PARAMETER, QUEUE, PREVIEW, *READING)
    @accepts_idempotency_key
    def create(self, request: Request) -> HttpResponseBase:
        queue = query_flag(request, "queue", absent=True)
        if query_flag(request, "preview"):
            return Response(preview_of(request))
        upload = receive_upload(request)
        try:
            sent = f"{upload.name}\n{upload.digest}".encode()
            return reply_once(request, sent, lambda: self._create(upload, queue))
        finally:
            batch_files.delete_unless_queued(upload.file)

    @extend_schema(
        summary="Cancel a batch: what is scored of it stays", request=None, responses={200: BatchSerializer}
    )
    @action(detail=True, methods=["POST"])
    @accepts_idempotency_key
    def cancel(self, request: Request, pk: str) -> HttpResponseBase:
        return reply_once(request, b"", lambda: self._cancel(self.get_object()))

    @extend_schema(summary="The scored rows of a finished batch, in the file's order", responses=_FILE)
    @query_parameters(WORDS)
    def results(self, request: Request, pk: str) -> StreamingHttpResponse:
        batch = self.get_object()
        link = application_link(request._request) if query_flag(request, WORDS.name) else None
        lines = downloads.result_lines(batch=batch, by=request.user, link=link)
        return csv_reply(f"batch-{pk}-results.csv", lines)

    @extend_schema(
        summary="The scored rows of a finished batch as a workbook, also in words; at most 250,000 rows",
        responses={(200, XLSX): OpenApiResponse(_BYTES, "The file.")},
    )
    def workbook(self, request: Request, pk: str) -> StreamingHttpResponse:
        link = application_link(request._request)
        parts = downloads.results_workbook(batch=self.get_object(), by=request.user, link=link)
        return file_reply(f"batch-{pk}-results.xlsx", parts, XLSX)

    @extend_schema(summary="Every fault of the refused rows of a finished batch", responses=_FILE)
    def errors(self, request: Request, pk: str) -> StreamingHttpResponse:
        batch = self.get_object()
        return csv_reply(f"batch-{pk}-errors.csv", downloads.error_lines(batch=batch, by=request.user))

    @extend_schema(
        summary="The refused rows of a finished batch, to be mended and sent again; at most 10,000 rows",
        responses=_FILE,
    )
    def refused(self, request: Request, pk: str) -> StreamingHttpResponse:
        batch = self.get_object()
        return csv_reply(f"batch-{pk}-refused.csv", downloads.refused_lines(batch=batch, by=request.user))

    def _create(self, upload: batch_files.Upload, queue: bool) -> Response:
        batch = batches.create_batch(
            owner=self.request.user, upload=upload, product_id=product_of(self.request).pk, queue=queue
        )
        return self._reply(batch.pk, status=202)

    def _cancel(self, batch: Batch) -> Response:
        batches.cancel_batch(batch=batch, by=self.request.user)
        return self._reply(batch.pk)

    def _reply(self, pk: int, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data, status=status)


def _count_outcomes(batches: list[Any]) -> None:
    counts = counts_by_outcome(batches)
    for batch in batches:
        batch.outcomes = counts[batch.pk]
