"""Deciding beside the model's advice, on the page of the case."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from predictions.errors import BadFields, Conflict
from predictions.models import Claim, Decision, Prediction
from predictions.models.owned import Caller
from predictions.roles import DECIDE, SEE_ALL
from predictions.services import decisions
from predictions.web.cases import case_of, see_other
from predictions.web.forms_decisions import DecisionForm
from predictions.web.presentation import CaseView

_REFUSED = "Nothing is recorded yet: see what is marked under Decision."


class DecisionDesk:
    """What a case's page needs of its decisions (newest first) and of the claim that stands, if one does."""

    def __init__(
        self,
        prediction: Prediction,
        user: Caller,
        *,
        decisions: list[Decision],
        claim: Claim | None,
        scored_again: bool,
        form: DecisionForm,
        error: str = "",
    ) -> None:
        self.form, self.error, self.claim = form, error, claim
        self.newest, self.earlier = decisions[0] if decisions else None, decisions[1:]
        self.advice = "approve" if prediction.approved else "deny"
        self.referred = prediction.outcome == Prediction.Outcome.REFER
        self.waits = self.referred and not (self.newest or scored_again)
        self.mine = claim is not None and claim.by_id == user.pk
        self.open = claim is None or self.mine
        self.may_decide = user.has_perm(DECIDE)
        self.may_release = claim is not None and self.may_decide and (self.mine or user.has_perm(SEE_ALL))

    @property
    def denied(self) -> bool:
        return self.newest is not None and self.newest.verdict == Decision.Verdict.DENIED


def case_page(
    request: HttpRequest,
    prediction: Any,
    form: DecisionForm | None = None,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    desk = DecisionDesk(
        prediction,
        request.user,
        decisions=list(prediction.decisions.select_related("by")),
        claim=prediction.claims.filter(ended_at=None).select_related("by").first(),
        scored_again=prediction.scored_again,
        form=form or DecisionForm(),
        error=error,
    )
    context = {"case": CaseView(prediction), "desk": desk}
    return render(request, "predictions/prediction_detail.html", context, status=status)


@require_POST
@login_required
@permission_required(DECIDE, raise_exception=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, form = case_of(request, pk), DecisionForm(request.POST)
    try:
        decision = decisions.decide(prediction=prediction, by=request.user, **form.said())
    except BadFields as refused:
        form.refuse(refused)
        return case_page(request, prediction, form, error=_REFUSED, status=422)
    except Conflict as error:
        return case_page(request, case_of(request, pk), form, error=str(error), status=409)
    messages.success(request, f"You have {decision.verdict} {prediction.applicant.loan_id}.")
    return see_other("prediction_detail", pk)
