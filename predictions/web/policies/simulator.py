"""What another policy would have said of stored predictions, as a page and as a file."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from predictions.models import Policy
from predictions.roles import REPLAY
from predictions.services.policies.simulation import Selection, Simulation
from predictions.services.policies.simulation_export import asked, export
from predictions.services.versions.replay import walk
from predictions.services.writing import audit
from predictions.web.policies.forms import DEFAULT_NEWEST, SimulatorForm, entries_or
from predictions.web.policies.simulation_presentation import SimulationView

LISTED = 50
MOST_ON_A_PAGE = 100_000


@require_safe
@login_required
@permission_required(REPLAY, raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        return _refused(request, form)
    wanted = form.selection()
    selection = Selection(wanted.newest or MOST_ON_A_PAGE, wanted.since, wanted.until)
    simulation = Simulation(proposed=form.policy(), selection=selection)
    flips = walk(simulation, LISTED)
    detail = asked(simulation) | {"cases": len(flips)}
    audit.record(by=request.user, action="policy simulation", detail=detail)
    view = SimulationView(simulation, flips, cut=wanted.newest is None)
    context = {"form": form, "simulation": view, "query": form.address()}
    return render(request, "predictions/policies/policy_simulator.html", context)


@require_safe
@login_required
@permission_required(REPLAY, raise_exception=True)
def download(request: HttpRequest) -> HttpResponseBase:
    """All flips as CSV, sent while they are found; "all" has no limit here."""
    form = _form(request)
    if not form.is_valid():
        return _refused(request, form)
    simulation = Simulation(proposed=form.policy(), selection=form.selection())
    name = {"Content-Disposition": 'attachment; filename="policy-simulation.csv"'}
    lines = export(simulation=simulation, by=request.user)
    return StreamingHttpResponse(lines, "text/csv; charset=utf-8", headers=name)


def _form(request: HttpRequest) -> SimulatorForm:
    entries = entries_or(request.GET.dict(), Policy.objects.newest())
    return SimulatorForm({"newest": DEFAULT_NEWEST} | entries)


def _refused(request: HttpRequest, form: SimulatorForm) -> HttpResponse:
    return render(request, "predictions/policies/policy_simulator.html", {"form": form}, status=422)
