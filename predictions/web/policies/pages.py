"""Pages of the policy in force, of earlier policies, and of the form that adopts a new policy."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from ml.figures import exact_percent_text
from predictions.errors import Conflict, InvalidFields
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import Policy, Proposal
from predictions.roles import ADOPT, SEE_MODELS
from predictions.services.policies.proposals import adopt_or_propose
from predictions.web.cases.lookup import redirect_after_post
from predictions.web.cases.parts import Mark, place_mark
from predictions.web.policies.checking import gap_warning
from predictions.web.policies.forms import PolicyForm, policy_entries_or_default, second_entries
from predictions.web.policies.rules import with_rules_in_force
from predictions.web.proposals import open_proposals
from predictions.words import policies as words


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the policy scale and its outcome.

    Lengths are strings: a locale must not change the decimal point.
    """

    outcome: str
    at: str
    length: str


class PolicyScale:
    """The scale from 0% to 100%, divided at the threshold or around the refer band."""

    def __init__(self, policy: Policy) -> None:
        low, high = policy.refer_low, policy.refer_high
        self.threshold = place_mark(policy.threshold, exact_percent_text(policy.threshold))
        self.band: Mark | None = None
        if low is None or high is None:
            low = high = policy.threshold
        else:
            self.band = place_mark((low + high) / 2, words.band_words(policy))
        ends = {"denied": (0.0, low), "refer": (low, high), "approved": (high, 1.0)}
        self.zones = [_zone(outcome, *span) for outcome, span in ends.items() if span[0] < span[1]]

    @property
    def outcomes(self) -> list[str]:
        return [zone.outcome for zone in self.zones]


class PolicyView:
    """A policy with its rules in words and its differences from the policy before."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.sentences = words.policy_sentences(policy)
        self.scale = PolicyScale(policy)
        self.changes = words.policy_changes(policy, policy.previous) if policy.previous else []


def _zone(outcome: str, start: float, end: float) -> Zone:
    return Zone(outcome, f"{100 * start:.2f}%", f"{100 * (end - start):.2f}%")


PAGE_SIZE = 20


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def policy_list(request: HttpRequest) -> HttpResponse:
    """Show the policy in force, then every earlier policy, newest first."""
    policies = Policy.objects.of_product(product_of(request)).select_related(
        "by", "confirmed_by", "previous", "next"
    )
    in_force = policies.newest()
    page = Paginator(policies.exclude(pk=in_force.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "view": PolicyView(in_force),
        "page": page,
        "lines": [PolicyView(policy) for policy in page],
        "proposals": open_proposals(request, Proposal.Kind.POLICY),
    }
    return render(request, "predictions/policies/policy_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(ADOPT, raise_exception=True)
def policy_change(request: HttpRequest) -> HttpResponse:
    """Show or submit the form for a new policy. The query string may fill in the numbers.

    A button that adds or removes a row of the rules shows the form again, and so does the simulator's.
    """
    product = product_of(request)
    in_force, schema = Policy.objects.of_product(product).newest(), schema_in_use(product.pk)
    if request.method == "POST":
        entries = with_rules_in_force(request.POST.dict(), in_force)
        if wish := request.POST.get("rows"):
            form = PolicyForm(schema=schema, initial={"replaces": str(in_force.pk)} | entries)
            form.rules.change(wish)
            return _page(request, form)
        return _adopt(request, PolicyForm(entries, schema=schema))
    entries = policy_entries_or_default(request.GET.dict(), in_force, schema)
    initial = second_entries(in_force) | entries | {"replaces": str(in_force.pk)}
    return _page(request, PolicyForm(schema=schema, initial=initial))


def _adopt(request: HttpRequest, form: PolicyForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, status=422)
    requested = {name: form.cleaned_data[name] for name in ("replaces", "reason")}
    try:
        proposed = form.policy(product_of(request).pk)
        policy = adopt_or_propose(policy=proposed, by=request.user, **requested)
    except InvalidFields as error:
        form.add_errors(error)
        return _page(request, form, status=422)
    except Conflict as error:
        in_force = Policy.objects.of_product(product_of(request)).newest()
        entries = dict(form.data) | {"replaces": str(in_force.pk)}
        late = PolicyForm(entries, schema=form.schema)
        return _page(request, late, error=str(error), status=409)
    if isinstance(policy, Proposal):
        messages.success(request, "Proposed. Nothing changes until a second person confirms it.")
    else:
        messages.success(request, f"{policy} is in force. It applies to applications scored from now on.")
    return redirect_after_post("policies")


def _page(request: HttpRequest, form: PolicyForm, *, error: str = "", status: int = 200) -> HttpResponse:
    policies = Policy.objects.of_product(product_of(request)).select_related("by", "confirmed_by", "previous")
    context = {
        "form": form,
        "error": error,
        "view": PolicyView(policies.newest()),
        "proposals": open_proposals(request, Proposal.Kind.POLICY),
        "gap_warning": gap_warning(product_of(request).pk),
    }
    return render(request, "predictions/policies/policy_change.html", context, status=status)
