"""Training from the browser: ask for it, watch it, stop it. The work is the worker's."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ml.errors import DatasetError
from ml.tables.plausibility import ImplausibleTable
from predictions.errors import Conflict
from predictions.models import TrainingFile, TrainingRun
from predictions.requests.bodies import takes_file
from predictions.roles import ACTIVATE, SEE_MODELS
from predictions.services.versions import training_files, training_runs
from predictions.services.versions import training_runs as training_requests
from predictions.web.models.forms import TrainingForm
from predictions.web.posting import create_once_per_form, new_token, post_only

SILENT_AFTER = timedelta(minutes=1)
LONG_QUEUE = timedelta(seconds=10)


class RunView:
    """One run at the time `now`."""

    def __init__(self, run: TrainingRun, now: datetime | None = None) -> None:
        self.run = run
        self._now = now or timezone.now()
        begun = run.started_at or run.created_at
        self.elapsed = duration((run.finished_at or self._now) - begun)
        self.queued = run.status == TrainingRun.Status.QUEUED
        self.ahead = TrainingRun.objects.running().first() if self.queued else None
        self.unattended = self.queued and not self.ahead and self._now - run.created_at > LONG_QUEUE
        self.silence = self._silence()

    @property
    def percent(self) -> int:
        return 100 * self.run.done // self.run.total if self.run.total else 0

    @property
    def left(self) -> str:
        """About how long this phase still takes, from the pace it has had; empty when nobody can tell."""
        run = self.run
        if not (run.phase_started_at and run.heartbeat_at and run.done):
            return ""
        return duration((run.heartbeat_at - run.phase_started_at) / run.done * (run.total - run.done))

    def _silence(self) -> str:
        """How long the worker has not written, when that is worrying."""
        heartbeat = self.run.heartbeat_at
        if self.run.status != TrainingRun.Status.RUNNING or not heartbeat:
            return ""
        silent = self._now - heartbeat
        return duration(silent) if silent > SILENT_AFTER else ""


def duration(span: timedelta) -> str:
    """Write a span as 42 s, 3 min 5 s or 2 h 10 min."""
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
    """All runs, and the form for another."""
    if request.method != "POST":
        return _page(request, TrainingForm())
    if not request.user.has_perm(ACTIVATE):
        raise PermissionDenied
    form = TrainingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        file = _file(form, request)
    except DatasetError as error:
        return _page(request, form, unusable=error, status=422)
    recipe, confirmed = form.cleaned_data["recipe"], form.cleaned_data["confirm"]

    def requested() -> int:
        wish = {"file": file, "recipe": recipe, "confirmed": confirmed, "by": request.user}
        return training_requests.request_training(**wish).pk

    return redirect(
        "training", create_once_per_form(request, [file.pk, recipe, *sorted(confirmed)], requested)
    )


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def training(request: HttpRequest, pk: int) -> HttpResponse:
    """How a run is getting on; the page comes again by itself unless ``?still``."""
    return _run_page(request, _run(pk))


@post_only("training")
@login_required
@permission_required(ACTIVATE, raise_exception=True)
def training_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    training_runs.fail_lost_runs()
    try:
        training_runs.cancel_run(run=_run(pk))
    except Conflict as error:
        return _run_page(request, _run(pk), error=str(error), status=409)
    messages.success(request, "The training is cancelled; one that runs stops at its next step.")
    return redirect("training", pk)


def _file(form: TrainingForm, request: HttpRequest) -> TrainingFile:
    upload, confirmed = form.cleaned_data["upload"], form.cleaned_data["confirm"]
    if not upload:
        stored: TrainingFile = form.cleaned_data["stored"]
        training_files.check_training_file(file=stored, confirmed=confirmed)
        return stored
    content = upload.read()
    return training_files.store_training_file(
        name=upload.name, content=content, by=request.user, confirmed=confirmed
    )


def _run(pk: int) -> TrainingRun:
    return get_object_or_404(TrainingRun.objects.select_related("file", "created_by"), pk=pk)


def _run_page(request: HttpRequest, run: TrainingRun, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"view": RunView(run), "run": run, "error": error, "still": "still" in request.GET}
    return render(request, "predictions/training/training_detail.html", context, status=status)


def _page(
    request: HttpRequest, form: TrainingForm, *, unusable: DatasetError | None = None, status: int = 200
) -> HttpResponse:
    runs = TrainingRun.objects.select_related("file", "created_by").defer("log")
    context = {
        "form": form,
        "form_token": new_token(),
        "unusable": unusable,
        "faults": unusable.faults[: DatasetError.SHOWN] if unusable else [],
        "wrong_units": isinstance(unusable, ImplausibleTable),
        "page": Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "predictions/training/training_list.html", context, status=status)
