"""Simulation of another policy on stored predictions, as a page and as a CSV file."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ml.figures import MIN_ROWS_FOR_RATE, percent_interval_text, percent_text, signed_text, wilson_interval
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import Policy, Prediction
from predictions.requests.streamed_files import csv_reply
from predictions.roles import REPLAY
from predictions.services.policies import policies
from predictions.services.policies.simulation import (
    Simulation,
    SimulationFlip,
    SimulationTally,
    export_simulation,
    record_simulation,
    with_predictions,
)
from predictions.services.versions.replay import collect_flips
from predictions.web.plots.bars import bars_of
from predictions.web.policies.forms import (
    DEFAULT_SELECTION_SIZE,
    SimulatorForm,
    policy_entries_or_default,
    second_entries,
)
from predictions.web.policies.pages import PolicyScale
from predictions.web.presentation import precise_percent
from predictions.words import policies as policy_words

OUTCOME_LABELS = {"approved": "Approve", "denied": "Deny", "refer": "Refer"}


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """Number and rate of an outcome, in force and proposed."""

    outcome: str
    before: str
    before_rate: str
    after: str
    after_rate: str
    change: str


@dataclass(frozen=True, slots=True)
class OutcomeMove:
    before: str
    after: str
    count: str


@dataclass(frozen=True, slots=True)
class CauseLine:
    """Number of rows that a cause refers or denies, in force and proposed."""

    cause: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, slots=True)
class ApprovalRate:
    share: str
    interval: str


@dataclass(frozen=True, slots=True)
class SimulationGroupLine:
    """Approval rates of a group with their intervals; None for a group with too few rows."""

    label: str
    rows: str
    before: ApprovalRate | None = None
    after: ApprovalRate | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two policies that the page compares."""

    name: str
    sentences: list[str]
    scale: PolicyScale
    band: str
    remarks: str


class FlipLine:
    """A prediction whose outcome the proposed policy would change."""

    def __init__(self, flip: SimulationFlip, prediction: Prediction, threshold: float) -> None:
        self.flip, self.prediction = flip, prediction
        self.percent = precise_percent(flip.probability, threshold)


class SimulationView:
    """Counts, plot and changed outcomes of a simulation, as the page shows them."""

    def __init__(self, simulation: Simulation, flips: Sequence[SimulationFlip], *, cut: bool) -> None:
        counts, total = simulation.counts, simulation.counts.total()
        self.in_force = simulation.in_force
        self.nothing_proposed = policies.policy_numbers(self.in_force) == policies.policy_numbers(
            simulation.proposed
        )
        self.sides = [_side("in force", self.in_force), _side("proposed", simulation.proposed)]
        self.total, self.rows, self.flipped = total, f"{total.rows:,}", f"{total.flipped:,}"
        self.cut = cut and total.rows == simulation.selection.newest
        self.elsewhere = f"{counts.elsewhere:,}" if counts.elsewhere else ""
        self.remarked = f"{counts.remarked:,}" if counts.remarked else ""
        self.outcomes = [_outcome_line(outcome, total) for outcome in OUTCOME_LABELS] if total.rows else []
        self.moves = _moves(total)
        self.groups = [
            (column, [_group_line(*group) for group in groups]) for column, groups in counts.by_group()
        ]
        self.causes = _causes(*counts.causes)
        self.fewest = MIN_ROWS_FOR_RATE
        self.bars = bars_of(counts.bins)
        self.flips = [FlipLine(*case, simulation.proposed.threshold) for case in with_predictions(flips)]
        self.unlisted = total.flipped - len(flips)


def _causes(before: Counter[str], after: Counter[str]) -> list[CauseLine]:
    """Return the causes of both policies, the most frequent first."""
    codes = sorted({*before, *after}, key=lambda code: (-max(before[code], after[code]), code))
    return [
        CauseLine(
            policy_words.cause_words(code),
            f"{before[code]:,}",
            f"{after[code]:,}",
            _signed_count(after[code] - before[code]),
        )
        for code in codes
    ]


def _moves(total: SimulationTally) -> list[OutcomeMove]:
    return [
        OutcomeMove(OUTCOME_LABELS[before], OUTCOME_LABELS[after].lower(), f"{total.moves[before, after]:,}")
        for before, after in itertools.permutations(OUTCOME_LABELS, 2)
    ]


def _side(name: str, policy: Policy) -> Side:
    return Side(
        name,
        policy_words.policy_sentences(policy),
        PolicyScale(policy),
        policy_words.band_words(policy),
        policy_words.remark_rule_words(policy),
    )


def _outcome_line(outcome: str, total: SimulationTally) -> OutcomeLine:
    before, after = total.before(outcome), total.after(outcome)
    rates = [percent_text(count / total.rows) for count in (before, after)]
    change = _signed_count(after - before)
    return OutcomeLine(outcome, f"{before:,}", rates[0], f"{after:,}", rates[1], change)


def _signed_count(count: int) -> str:
    return f"{count:+,}".replace("-", "\N{MINUS SIGN}") if count else "0"


def _group_line(label: str, tally: SimulationTally) -> SimulationGroupLine:
    if tally.rows < MIN_ROWS_FOR_RATE:
        return SimulationGroupLine(label, f"{tally.rows:,}")
    before, after = (count / tally.rows for count in (tally.before("approved"), tally.after("approved")))
    change = signed_text(100 * (after - before), 1)
    return SimulationGroupLine(
        label, f"{tally.rows:,}", _rate(before, tally.rows), _rate(after, tally.rows), change
    )


def _rate(share: float, rows: int) -> ApprovalRate:
    return ApprovalRate(percent_text(share), percent_interval_text(*wilson_interval(share, rows)))


MAX_LISTED = 50
MAX_SIMULATED = 100_000


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(REPLAY, raise_exception=True)
def policy_simulator(request: HttpRequest) -> HttpResponse:
    """Simulate the policy of the form. Rules make it long, so that it is sent as a body."""
    if wish := request.POST.get("rows"):
        form = _unsent_form(request)
        form.rules.change(wish)
        return render(
            request, "predictions/policies/policy_simulator.html", {"form": form} | _carried(request)
        )
    form = _form(request)
    if not form.is_valid():
        return _refused(request, form)
    requested = form.selection(product_of(request).pk)
    selection = replace(requested, newest=requested.newest or MAX_SIMULATED)
    simulation = Simulation(proposed=form.policy(), selection=selection)
    flips = collect_flips(simulation, MAX_LISTED)
    record_simulation(simulation=simulation, by=request.user, cases=len(flips))
    view = SimulationView(simulation, flips, cut=requested.newest is None)
    context = {"form": form, "simulation": view} | _carried(request)
    return render(request, "predictions/policies/policy_simulator.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(REPLAY, raise_exception=True)
def policy_simulator_csv(request: HttpRequest) -> HttpResponseBase:
    """Stream all changed outcomes as CSV. Unlike the page, "all" has no limit here."""
    form = _form(request)
    if not form.is_valid():
        return _refused(request, form)
    simulation = Simulation(proposed=form.policy(), selection=form.selection(product_of(request).pk))
    lines = export_simulation(simulation=simulation, by=request.user)
    return csv_reply("policy-simulation.csv", lines)


def _form(request: HttpRequest) -> SimulatorForm:
    return SimulatorForm(_entries(request), schema=schema_in_use(product_of(request).pk))


def _unsent_form(request: HttpRequest) -> SimulatorForm:
    return SimulatorForm(schema=schema_in_use(product_of(request).pk), initial=_entries(request))


def _entries(request: HttpRequest) -> dict[str, str]:
    sent = request.POST if request.method == "POST" else request.GET
    in_force = Policy.objects.of_product(product_of(request)).newest()
    schema = schema_in_use(product_of(request).pk)
    return {"newest": DEFAULT_SELECTION_SIZE} | policy_entries_or_default(sent.dict(), in_force, schema)


def _carried(request: HttpRequest) -> dict[str, object]:
    """Return the entries of the form of a change that the simulator has no fields for, and gives back."""
    names = ("reason", *policies.SECOND_FIELDS)
    if request.method == "POST":
        return {"carried": [(name, request.POST[name]) for name in names if name in request.POST]}
    in_force = Policy.objects.of_product(product_of(request)).newest()
    return {"carried": list(second_entries(in_force).items())}


def _refused(request: HttpRequest, form: SimulatorForm) -> HttpResponse:
    context = {"form": form} | _carried(request)
    return render(request, "predictions/policies/policy_simulator.html", context, status=422)
