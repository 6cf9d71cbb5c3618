"""Pages of model versions: list, details, activation, comparison, evaluation and export."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ml.errors import ArtefactError, ExportError
from ml.reports.report import chosen_parameters, one_rule_of
from ml.sql import DIALECTS
from predictions.errors import Conflict, GateRefused
from predictions.live.products import product_of
from predictions.live.schemas import newest_schema_of, schema_of_version
from predictions.models import Activation, ModelVersion, Proposal
from predictions.roles import ACTIVATE, SEE_MODELS
from predictions.services.versions import gate
from predictions.services.versions.export import export_version
from predictions.services.versions.meanings import meaning_of
from predictions.services.versions.proposals import activate_or_propose
from predictions.web.errors import conflict
from predictions.web.models.evaluation import (
    EvaluationView,
    headline_metrics,
    hold_out_accuracies,
    metrics_table,
)
from predictions.web.models.forms import ActivationForm, upload_help
from predictions.web.models.switching import SwitchView, warn_of_idle_checks
from predictions.web.mounts import get_own
from predictions.web.posting import post_only
from predictions.web.proposals import open_proposals

PAGE_SIZE = 20
PEOPLE = ("created_by", "activated_by", "schema")


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_list(request: HttpRequest) -> HttpResponse:
    """List all versions, newest first, below the active version."""
    versions = ModelVersion.objects.of_product(product_of(request)).select_related(*PEOPLE)
    page = Paginator(versions, PAGE_SIZE).get_page(request.GET.get("page"))
    active = versions.active().first()
    context = {
        "page": page,
        "lines": [(version, headline_metrics(version)) for version in page],
        "active": active,
        "proposals": open_proposals(request, Proposal.Kind.ACTIVATION),
        "active_metrics": headline_metrics(active) if active else [],
        "meanings": list(dict.fromkeys(meaning_of(version) for version in page)),
        "one_rules": list(dict.fromkeys(one_rule_of(version.report) for version in page)),
        "upload_help": "" if page else upload_help(newest_schema_of(product_of(request).pk)),
    }
    return render(request, "predictions/models/model_list.html", context)


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _version(request, pk))


@post_only("model")
@login_required
@permission_required(ACTIVATE, raise_exception=True)
def model_activate(request: HttpRequest, pk: int) -> HttpResponse:
    version = _version(request, pk)
    switch = SwitchView(version, _active(request))
    form = ActivationForm(request.POST, switch=switch)
    if not form.is_valid():
        return _page(request, version, entries=request.POST, status=422)
    try:
        done = activate_or_propose(version_id=pk, by=request.user, **form.wishes())
    except (GateRefused, Conflict, ArtefactError) as error:
        return _page(request, _version(request, pk), entries=request.POST, error=str(error), status=409)
    if isinstance(done, Proposal):
        messages.success(request, "Proposed. A second person must confirm the activation.")
    else:
        messages.success(request, f"Version {pk} is active and scores new applications.")
        warn_of_idle_checks(request, version.product_key, schema_of_version(pk))
    return redirect("model", pk)


@post_only("model")
@login_required
@permission_required(ACTIVATE, raise_exception=True)
def model_compare(request: HttpRequest, pk: int) -> HttpResponse:
    version = _version(request, pk)
    try:
        gate.request_comparison(candidate=version)
    except Conflict as error:
        return _page(request, version, error=str(error), status=409)
    messages.success(request, "Comparison queued. Its result will appear here.")
    return redirect("model", pk)


def _version(request: HttpRequest, pk: int) -> ModelVersion:
    return get_own(request, ModelVersion.objects.select_related(*PEOPLE), pk)


def _active(request: HttpRequest) -> ModelVersion | None:
    return ModelVersion.objects.of_product(product_of(request)).active().first()


def _page(
    request: HttpRequest,
    version: ModelVersion,
    *,
    entries: QueryDict | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    switch = SwitchView(version, _active(request))
    context = {
        "version": version,
        "switch": switch,
        "proposals": [
            line
            for line in open_proposals(request, Proposal.Kind.ACTIVATION)
            if line.proposal.content["version"] == version.pk
        ],
        "form": ActivationForm(entries, switch=switch),
        "meaning": switch.meaning,
        "error": error,
        "rows": metrics_table(version),
        "hold_out": hold_out_accuracies(version),
        "chosen": chosen_parameters(version.report),
        "columns": [schema_of_version(version.pk).by_column[column].label for column in version.columns],
        "activations": Activation.objects.with_end().filter(version=version).select_related("by"),
        "run": version.runs.first(),
        "dialects": DIALECTS,
    }
    return render(request, "predictions/models/model_detail.html", context, status=status)


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show metrics, calibration, learning curve, rates by group and cost of protected columns."""
    version = get_own(request, ModelVersion.objects.select_related("schema"), pk)
    context = {"version": version, "evaluation": EvaluationView(version), "meaning": meaning_of(version)}
    return render(request, "predictions/evaluation/model_evaluation.html", context)


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def model_export(request: HttpRequest, pk: int) -> HttpResponse:
    """Download the model as JSON or SQL: ``?format=sql&dialect=duckdb&table=portfolio&key=id``."""
    version = get_own(request, ModelVersion.objects.all(), pk)
    options = {name: request.GET.get(name) for name in ("dialect", "table", "key")}
    try:
        export = export_version(version, format=request.GET.get("format", "json"), **options)
    except (ExportError, ArtefactError) as error:
        return conflict(request, f"Version {pk} cannot be exported in this form", str(error))
    headers = {"Content-Disposition": f'attachment; filename="{export.filename}"'}
    return HttpResponse(export.text, content_type=export.content_type, headers=headers)
