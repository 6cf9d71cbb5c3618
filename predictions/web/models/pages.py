"""The model room: which version is live and since when, why, and what changes if we switch."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from ml.errors import ArtefactError, ExportError
from ml.sql import DIALECTS
from predictions.errors import Conflict, GateRefused
from predictions.models import Activation, ModelVersion
from predictions.roles import ACTIVATE, SEE_MODELS
from predictions.services.versions import gate, registry
from predictions.services.versions.export import export_version
from predictions.web.errors import conflict
from predictions.web.models import evaluation as figures
from predictions.web.models.evaluation import EvaluationView
from predictions.web.models.forms import ActivationForm
from predictions.web.models.switching import SwitchView
from predictions.web.posting import post_only

PAGE_SIZE = 20
PEOPLE = ("created_by", "activated_by")


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_list(request: HttpRequest) -> HttpResponse:
    """Every version, newest first; the live one on top."""
    versions = ModelVersion.objects.select_related(*PEOPLE)
    page = Paginator(versions, PAGE_SIZE).get_page(request.GET.get("page"))
    live = versions.active().first()
    context = {
        "page": page,
        "lines": [(version, figures.headline_metrics(version)) for version in page],
        "live": live,
        "live_figures": figures.headline_metrics(live) if live else [],
    }
    return render(request, "predictions/models/model_list.html", context)


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _version(pk))


@post_only("model")
@login_required
@permission_required(ACTIVATE, raise_exception=True)
def model_activate(request: HttpRequest, pk: int) -> HttpResponse:
    version = _version(pk)
    switch = SwitchView(version, ModelVersion.objects.active().first())
    form = ActivationForm(request.POST, overridable=switch.overridable)
    if not form.is_valid():
        return _page(request, version, typed=request.POST, status=422)
    wish = {"reason": form.cleaned_data["reason"], "override": form.cleaned_data.get("override", False)}
    try:
        registry.activate(version_id=pk, by=request.user, **wish)
    except (GateRefused, Conflict, ArtefactError) as error:
        return _page(request, _version(pk), typed=request.POST, error=str(error), status=409)
    messages.success(request, f"Version {pk} is live. New predictions are made by it.")
    return redirect("model", pk)


@post_only("model")
@login_required
@permission_required(ACTIVATE, raise_exception=True)
def model_compare(request: HttpRequest, pk: int) -> HttpResponse:
    version = _version(pk)
    try:
        gate.request_comparison(candidate=version)
    except Conflict as error:
        return _page(request, version, error=str(error), status=409)
    messages.success(request, "The comparison is queued. This page shows it as soon as it is made.")
    return redirect("model", pk)


def _version(pk: int) -> ModelVersion:
    return get_object_or_404(ModelVersion.objects.select_related(*PEOPLE), pk=pk)


def _page(
    request: HttpRequest,
    version: ModelVersion,
    *,
    typed: QueryDict | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    switch = SwitchView(version, ModelVersion.objects.active().first())
    context = {
        "version": version,
        "switch": switch,
        "form": ActivationForm(typed, overridable=switch.overridable),
        "error": error,
        "rows": figures.metrics_table(version),
        "hold_out": figures.hold_out_accuracies(version),
        "chosen": figures.chosen_parameters_of(version),
        "activations": Activation.objects.with_end().filter(version=version).select_related("by"),
        "run": version.runs.first(),
        "dialects": DIALECTS,
    }
    return render(request, "predictions/models/model_detail.html", context, status=status)


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures beside the baselines, calibration, learning curve, groups, cost of protected columns."""
    version = get_object_or_404(ModelVersion, pk=pk)
    context = {"version": version, "evaluation": EvaluationView(version)}
    return render(request, "predictions/evaluation/model_evaluation.html", context)


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The model as JSON or SQL: ``?format=sql&dialect=duckdb&table=portfolio``."""
    version = get_object_or_404(ModelVersion, pk=pk)
    wanted = {name: request.GET.get(name) for name in ("dialect", "table")}
    try:
        found = export_version(version, format=request.GET.get("format", "json"), **wanted)
    except (ExportError, ArtefactError) as error:
        return conflict(request, f"Version {pk} cannot be exported so", str(error))
    headers = {"Content-Disposition": f'attachment; filename="{found.filename}"'}
    return HttpResponse(found.text, content_type=found.content_type, headers=headers)
