"""The pages of batches: upload a file, watch and cancel a batch, download its results."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_http_methods, require_safe

from ml.errors import DatasetFault
from ml.schemas.schema import Schema
from ml.tables.example import example_csv
from predictions.errors import Conflict
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import Batch
from predictions.models.batch import BatchQuerySet
from predictions.requests.bodies import takes_file
from predictions.requests.streamed_files import csv_reply, file_reply
from predictions.roles import SCORE
from predictions.services.batches import downloads
from predictions.services.batches import requests as batches
from predictions.services.batches.workbook import XLSX
from predictions.web.batches.upload import BatchForm, queue_upload
from predictions.web.batches.view import BatchView
from predictions.web.cases.lookup import read_row_key, redirect_after_post, require_case_access
from predictions.web.errors import conflict
from predictions.web.mounts import application_link, get_own
from predictions.web.posting import new_token, post_only
from predictions.web.uploads.refusals import UploadRefused

PAGE_SIZE = 20
DownloadLines = Callable[..., Iterator[str]]


@takes_file(SCORE)
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def batch_list(request: HttpRequest) -> HttpResponse:
    """Show the batches that the user may see and the upload form; ``?before=<id>`` is the next page."""
    require_case_access(request)
    if request.method != "POST":
        return _page(request, BatchForm())
    if not request.user.has_perm(SCORE):
        raise PermissionDenied
    form = BatchForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused_file(request, form)
    try:
        queue = not form.cleaned_data["no_queue"]
        pk = queue_upload(form.cleaned_data["file"], request, queue=queue)
    except UploadRefused as refusal:
        return refused_file(request, BatchForm.refused(refusal.words), refusal)
    return redirect_after_post("batch", pk)


@require_safe
@login_required
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a batch. The page of an unfinished batch refreshes automatically unless ``?still``."""
    return _batch_page(request, _batch(request, pk))


@post_only("batch")
@login_required
@permission_required(SCORE, raise_exception=True)
def batch_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        batches.cancel_batch(batch=_batch(request, pk), by=request.user)
    except Conflict as error:
        return _batch_page(request, _batch(request, pk), error=str(error), status=409)
    messages.success(request, "Batch cancelled. Rows already scored are kept.")
    return redirect_after_post("batch", pk)


@require_safe
@login_required
def batch_results(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the results; with ``?words=true`` also in words, and with links to the applications."""
    in_words = request.GET.get("words") == "true"
    lines_of = partial(downloads.result_lines, link=application_link(request) if in_words else None)
    return _download(request, pk, "results", lines_of)


@require_safe
@login_required
def batch_workbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    batch, name = _batch(request, pk), f"batch-{pk}-results.xlsx"
    try:
        parts = downloads.results_workbook(batch=batch, by=request.user, link=application_link(request))
    except Conflict as error:
        return _not_there(request, batch, "results.xlsx", error)
    return file_reply(name, parts, XLSX)


@require_safe
@login_required
def batch_errors(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _download(request, pk, "errors", downloads.error_lines)


@require_safe
@login_required
def batch_refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _download(request, pk, "refused", downloads.refused_lines)


@require_safe
@login_required
def example_file(request: HttpRequest) -> HttpResponse:
    require_case_access(request)
    name, schema = 'attachment; filename="batch-example.csv"', schema_in_use(product_of(request).pk)
    return HttpResponse(example_csv(schema), "text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _visible(request: HttpRequest) -> BatchQuerySet:
    require_case_access(request)
    return Batch.objects.visible_to(request.user).with_counts()


def _batch(request: HttpRequest, pk: int) -> Batch:
    rows = _visible(request).select_related("owner", "model_version", "policy").defer("model_version__report")
    return get_own(request, rows, pk)


def _download(request: HttpRequest, pk: int, name: str, lines_of: DownloadLines) -> HttpResponseBase:
    batch = _batch(request, pk)
    try:
        lines = lines_of(batch=batch, by=request.user)
    except Conflict as error:
        return _not_there(request, batch, f"{name}.csv", error)
    return csv_reply(f"batch-{pk}-{name}.csv", lines)


def _not_there(request: HttpRequest, batch: Batch, file: str, error: Conflict) -> HttpResponse:
    why = "cannot be made" if batch.finished else "is not ready"
    return conflict(request, f"{file} of batch {batch.pk} {why}", str(error))


def _batch_page(request: HttpRequest, batch: Batch, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"view": BatchView(batch), "batch": batch, "error": error, "still": "still" in request.GET}
    return render(request, "predictions/batches/batch_detail.html", context, status=status)


def refused_file(request: HttpRequest, form: BatchForm, refusal: UploadRefused | None = None) -> HttpResponse:
    """Show the list and the upload form with the error of a refused file."""
    if refusal is None:
        return _page(request, form, status=422)
    response = _page(request, form, faults=refusal.faults, status=refusal.status)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _page(
    request: HttpRequest, form: BatchForm, *, faults: Sequence[DatasetFault] = (), status: int = 200
) -> HttpResponse:
    schema = schema_in_use(product_of(request).pk)
    context: dict[str, object] = {
        "form": form,
        "form_token": new_token(),
        "faults": faults,
        "columns": [*_id_columns(schema), *schema.columns],
        "required_columns": [*_id_columns(schema), *schema.required],
        "ids_are_made": schema.id_column is None,
        "target": schema.target.column,
        "max_size": filesizeformat(settings.MAX_FILE).replace(".0", ""),
    }
    return render(request, "predictions/batches/batch_list.html", context | _listed(request), status=status)


def _id_columns(schema: Schema) -> list[str]:
    return [schema.id_column] if schema.id_column else []


def _listed(request: HttpRequest) -> dict[str, object]:
    visible, before = _visible(request).of_product(product_of(request)), request.GET.get("before")
    rows = visible.select_related("owner")
    if before is not None:
        rows = rows.filter(pk__lt=read_row_key(before))
    batches_and_next = list(rows[: PAGE_SIZE + 1])
    shown = batches_and_next[:PAGE_SIZE]
    older = shown[-1].pk if len(batches_and_next) > PAGE_SIZE else None
    return {"batches": shown, "older": older, "past_first": before is not None}
