"""Open proposals on the pages of policies and models, and the answers to them."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ml.errors import MLError
from predictions.errors import Conflict, InvalidFields
from predictions.live.products import product_of
from predictions.live.schemas import schema_of_version
from predictions.models import ModelVersion, Policy, Proposal
from predictions.services import answers
from predictions.services import proposals as service
from predictions.services.policies import proposals as policy_proposals
from predictions.web.cases.lookup import redirect_after_post
from predictions.web.models.switching import warn_of_idle_checks
from predictions.web.mounts import get_own
from predictions.words import policies as words

# Decisions are proposed and answered on the page of their case.
_KINDS = (Proposal.Kind.POLICY, Proposal.Kind.ACTIVATION)
_TITLES = {"policy": "Proposed policy", "activation": "Proposed activation of version {version}"}

_DONE = {
    "policy": "{} is in force. It applies to applications scored from now on.",
    "activation": "{} is active and scores new applications.",
}


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """An open proposal, and what the reader of the page may do with it."""

    proposal: Proposal
    title: str
    changes: list[str]
    limits: str
    is_own: bool
    may_answer: bool
    nobody_else: bool
    text: str = ""
    error: str = ""

    @classmethod
    def of(
        cls, proposal: Proposal, request: HttpRequest, *, text: str = "", error: str = ""
    ) -> "ProposalLine":
        is_own = proposal.by_id == request.user.pk
        has_right = request.user.has_perm(service.RIGHT_TO_ANSWER[proposal.kind])
        return cls(
            proposal,
            _TITLES[proposal.kind].format(**proposal.content),
            _changes(proposal),
            words.limit_words(proposal.limits),
            is_own,
            has_right and not is_own,
            not service.others_may_confirm(proposal),
            text,
            error,
        )

    @property
    def reason(self) -> str:
        return str(self.proposal.content["reason"])


def _changes(proposal: Proposal) -> list[str]:
    if proposal.kind == Proposal.Kind.ACTIVATION:
        return ["Activates it although the gate refuses it."]
    in_force = Policy.objects.of_product(proposal.product_key).newest()
    return words.policy_changes(policy_proposals.proposed_policy(proposal), in_force)


def open_proposals(request: HttpRequest, kind: Proposal.Kind) -> list[ProposalLine]:
    """Return the open proposals of a kind for the request's product."""
    rows = Proposal.objects.of_product(product_of(request)).filter(kind=kind).open().select_related("by")
    return [ProposalLine.of(proposal, request) for proposal in rows]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposal_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, refuse or take back a proposal. GET leads to the page that shows it."""
    rows = Proposal.objects.filter(kind__in=_KINDS).select_related("by", "product")
    proposal = get_own(request, rows, pk)
    if not request.user.has_perm(service.RIGHT_TO_ANSWER[proposal.kind]):
        raise PermissionDenied
    if request.method != "POST":
        return redirect(*_page_of(proposal))
    text = request.POST.get("text", "")
    try:
        messages.success(request, _answer(request, proposal, text))
    except (Conflict, InvalidFields, MLError) as error:
        status = 422 if isinstance(error, InvalidFields) else 409
        detail = error.faults["text"].detail if isinstance(error, InvalidFields) else str(error)
        line = ProposalLine.of(proposal, request, text=text, error=detail)
        context = {"line": line, "page": _page_of(proposal)[0]}
        return render(request, "predictions/proposals/proposal.html", context, status=status)
    return redirect_after_post(*_page_of(proposal))


def _answer(request: HttpRequest, proposal: Proposal, text: str) -> str:
    """Carry out the answer of the form and return what was done."""
    match request.POST.get("answer"):
        case "confirm":
            done = answers.confirm(proposal=proposal, by=request.user)
            if isinstance(done, ModelVersion):
                warn_of_idle_checks(request, done.product_key, schema_of_version(done.pk))
            return _DONE[proposal.kind].format(done)
        case "refuse":
            service.refuse(proposal=proposal, by=request.user, text=text)
            return "The proposal was refused. Nothing else was changed."
        case "take_back":
            service.take_back(proposal=proposal, by=request.user)
            return "The proposal was taken back."
    raise Conflict("Choose to confirm, to refuse or to take back.")


def _page_of(proposal: Proposal) -> tuple[str, ...]:
    """Return the name and the arguments of the page that shows a proposal."""
    if proposal.kind == Proposal.Kind.POLICY:
        return ("policies",)
    return ("model", proposal.content["version"])
