"""The list of decisions and letters that wait for a second person, and the answers to decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from predictions.errors import Conflict, InvalidFields, OutdatedPrediction
from predictions.live.products import product_of
from predictions.models import Decision, Notice, Prediction, Proposal
from predictions.models.querysets import AnyUser
from predictions.reading.applications import application_id
from predictions.reading.letters import letters_to_confirm
from predictions.reading.queue import to_confirm
from predictions.roles import CONFIRM, DECIDE, SEE_ALL
from predictions.services import answers, proposals
from predictions.web.cases.lookup import redirect_to_application
from predictions.web.cases.pages import case_page
from predictions.web.cases.proposed import ProposedDecision
from predictions.web.mounts import require_own

MAX_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposed decision in the list, with its case."""

    prediction: Prediction
    proposed: ProposedDecision


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A saved letter in the list, with its name. It is read and confirmed on its own page."""

    notice: Notice
    name: str
    is_own: bool


@require_safe
@login_required
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Show the oldest proposed decisions and the newest letters that wait for a second person."""
    if not (request.user.has_perm(DECIDE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied
    rows = to_confirm(request.user, product_of(request)).order_by("pk")
    shown = [*rows.select_related("by")[: MAX_SHOWN + 1]]
    context = {
        "lines": _lines(shown[:MAX_SHOWN], request.user),
        "more": len(shown) > MAX_SHOWN,
        "letters": _letters(request),
    }
    return render(request, "predictions/decisions/proposals.html", context)


def _lines(rows: Sequence[Proposal], user: AnyUser) -> list[ProposalLine]:
    cases = Prediction.objects.with_application_id().select_related("owner", "policy")
    by_id = cases.in_bulk([row.prediction_id for row in rows])
    return [
        ProposalLine(by_id[pk], ProposedDecision(row, by_id[pk], user))
        for row in rows
        if (pk := row.prediction_id)
    ]


def _letters(request: HttpRequest) -> list[LetterLine]:
    """Return the newest letters to confirm: letters that were printed before the policy asked are old."""
    rows = letters_to_confirm(request.user, product_of(request)).select_related("by", "prediction")
    notices = list(rows.order_by("-pk")[:MAX_SHOWN])
    decisions = Decision.objects.filter(prediction__in=[notice.prediction_id for notice in notices])
    newest = {decision.prediction_id: decision for decision in decisions.order_by("pk")}
    return [
        LetterLine(notice, newest[notice.prediction_id].letter, notice.by_id == request.user.pk)
        for notice in notices
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def answer_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, refuse or take back a proposed decision. GET leads to its case."""
    if not (request.user.has_perm(DECIDE) or request.user.has_perm(CONFIRM)):
        raise PermissionDenied
    visible = Prediction.objects.visible_to(request.user)
    rows = Proposal.objects.filter(kind=Proposal.Kind.DECISION, prediction__in=visible)
    proposal = get_object_or_404(rows.select_related("by", "prediction"), pk=pk)
    prediction: Prediction = proposal.prediction  # type: ignore[assignment] # of a decision
    require_own(request, prediction)
    if request.method != "POST":
        return redirect("application_detail", application_id(prediction))
    if request.POST.get("answer") != "take_back" and not request.user.has_perm(CONFIRM):
        raise PermissionDenied
    try:
        messages.success(request, _answer(request, proposal))
    except OutdatedPrediction as error:
        return case_page(request, error.newest_id, error=str(error), status=409)
    except (Conflict, InvalidFields) as error:
        is_field = isinstance(error, InvalidFields)
        detail = error.faults["text"].detail if isinstance(error, InvalidFields) else str(error)
        return case_page(request, prediction.pk, error=detail, status=422 if is_field else 409)
    return redirect_to_application(prediction)


def _answer(request: HttpRequest, proposal: Proposal) -> str:
    """Carry out the answer of the form and return what was done."""
    match request.POST.get("answer"):
        case "confirm":
            decision = answers.confirm(proposal=proposal, by=request.user)
            return f"{decision.verdict.capitalize()}, as {decision.by.get_username()} proposed."
        case "refuse":
            proposals.refuse(proposal=proposal, by=request.user, text=request.POST.get("text", ""))
            return "The proposal was refused. The case is as it was before."
        case "take_back":
            proposals.take_back(proposal=proposal, by=request.user)
            return "The proposal was taken back."
    raise Conflict("Choose to confirm, to refuse or to take back.")
