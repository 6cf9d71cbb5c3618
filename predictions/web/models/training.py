"""Pages to request, watch and cancel a training. The worker does the training."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ml.errors import DatasetError
from ml.tables.plausibility import ImplausibleTable
from predictions.errors import Conflict
from predictions.live.products import product_of
from predictions.live.schemas import newest_schema_of, schema_of_version
from predictions.models import TrainingRun
from predictions.requests.bodies import takes_file
from predictions.roles import ACTIVATE, SEE_MODELS
from predictions.services.versions import training_drafts, training_files, training_runs
from predictions.web.cases.lookup import redirect_after_post
from predictions.web.models.forms import TrainingForm
from predictions.web.mounts import get_own
from predictions.web.posting import create_once_per_form, new_token, post_only
from predictions.web.uploads.refusals import UploadRefused, receiving, shown_faults

SILENT_AFTER = timedelta(minutes=1)
LONG_QUEUE = timedelta(seconds=10)


class RunView:
    """A training run as its page shows it at `now`."""

    def __init__(self, run: TrainingRun, now: datetime | None = None) -> None:
        self.run = run
        self._now = now or timezone.now()
        started = run.started_at or run.created_at
        self.elapsed = duration((run.finished_at or self._now) - started)
        self.queued = run.status == TrainingRun.Status.QUEUED
        self.ahead = TrainingRun.objects.running().first() if self.queued else None
        self.no_worker = self.queued and not self.ahead and self._now - run.created_at > LONG_QUEUE
        self.silent_for = self._silent_for()

    @property
    def percent(self) -> int:
        return 100 * self.run.done // self.run.total if self.run.total else 0

    @property
    def time_left(self) -> str:
        """Time that this phase still needs at its pace so far; empty if unknown."""
        run = self.run
        if not (run.phase_started_at and run.heartbeat_at and run.done):
            return ""
        return duration((run.heartbeat_at - run.phase_started_at) / run.done * (run.total - run.done))

    def _silent_for(self) -> str:
        """Return the time since the last sign of life of the worker; empty if it is short."""
        heartbeat = self.run.heartbeat_at
        if self.run.status != TrainingRun.Status.RUNNING or not heartbeat:
            return ""
        silent = self._now - heartbeat
        return duration(silent) if silent > SILENT_AFTER else ""


def duration(span: timedelta) -> str:
    """Return a time span as text, such as 42 s, 3 min 5 s or 2 h 10 min."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    return f"{minutes // 60} h {minutes % 60} min"


PAGE_SIZE = 20


@takes_file(ACTIVATE)
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def trainings(request: HttpRequest) -> HttpResponse:
    """List all trainings; show or submit the form that requests another."""
    if request.method != "POST":
        return _page(request, TrainingForm(product=product_of(request)))
    if not request.user.has_perm(ACTIVATE):
        raise PermissionDenied
    form = TrainingForm(request.POST, request.FILES, product=product_of(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    if upload := form.cleaned_data["upload"]:
        return _receive(request, form, upload)
    file, recipe = form.cleaned_data["stored"], form.cleaned_data["recipe"]
    confirmed = form.cleaned_data["confirm"]
    try:
        training_files.check_training_file(file=file, confirmed=confirmed)
    except DatasetError as error:
        return _page(request, form, unusable=error, status=422)

    def request_training() -> int:
        return training_runs.request_training(
            file=file, recipe=recipe, confirmed=confirmed, by=request.user
        ).pk

    values = [file.pk, recipe, *sorted(confirmed)]
    return redirect("training", create_once_per_form(request, values, request_training))


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def training(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a training. The page refreshes itself until the training ends, unless ``?still`` is set."""
    return _run_page(request, _run(request, pk))


@post_only("training")
@login_required
@permission_required(ACTIVATE, raise_exception=True)
def training_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    training_runs.fail_lost_runs()
    try:
        training_runs.cancel_run(run=_run(request, pk))
    except Conflict as error:
        return _run_page(request, _run(request, pk), error=str(error), status=409)
    messages.success(request, "Training cancelled. A running training stops after its current step.")
    return redirect("training", pk)


def _receive(request: HttpRequest, form: TrainingForm, upload: UploadedFile) -> HttpResponse:
    """Keep an uploaded table, and lead to the page that shows what was understood."""
    product_id = product_of(request).pk
    try:
        with receiving(upload) as raw:
            draft = training_drafts.create_draft(
                owner=request.user, product_id=product_id, raw=raw, recipe=form.cleaned_data["recipe"]
            )
    except UploadRefused as refusal:
        if refusal.error is None:
            form.add_error("upload", refusal.words)
        return _page(request, form, unusable=refusal.error, status=refusal.status)
    return redirect_after_post("training_draft", draft.pk)


def _run(request: HttpRequest, pk: int) -> TrainingRun:
    return get_own(request, TrainingRun.objects.select_related("file", "created_by"), pk)


def _run_page(request: HttpRequest, run: TrainingRun, *, error: str = "", status: int = 200) -> HttpResponse:
    target = schema_of_version(run.version_id).target if run.version_id else None
    context = {
        "view": RunView(run),
        "run": run,
        "target": target or newest_schema_of(run.product_key).target,
        "error": error,
        "still": "still" in request.GET,
    }
    return render(request, "predictions/training/training_detail.html", context, status=status)


def _page(
    request: HttpRequest, form: TrainingForm, *, unusable: DatasetError | None = None, status: int = 200
) -> HttpResponse:
    runs = TrainingRun.objects.of_product(product_of(request)).select_related("file", "created_by")
    context = {
        "form": form,
        "target": newest_schema_of(product_of(request).pk).target,
        "form_token": new_token(),
        "unusable": unusable,
        "faults": shown_faults(unusable),
        "wrong_units": isinstance(unusable, ImplausibleTable),
        "unusual": [*unusable.columns, *unusable.confirmed] if isinstance(unusable, ImplausibleTable) else [],
        "ticked": request.POST.getlist("confirm"),
        "page": Paginator(runs.defer("log"), PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "predictions/training/training_list.html", context, status=status)
