"""Deciding beside the model's advice, on the page of the case."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse

from predictions.errors import BadFields, Conflict, Outdated
from predictions.roles import DECIDE
from predictions.services.cases import decisions
from predictions.web.cases.forms_decisions import DecisionForm
from predictions.web.cases.lookup import case_of, see_other
from predictions.web.cases.pages import case_page
from predictions.web.posting import post_only

_REFUSED = "Nothing is recorded yet: see what is marked under Decision."


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, form = case_of(request, pk), DecisionForm(request.POST)
    try:
        decision = decisions.decide(prediction=prediction, by=request.user, **form.said())
    except BadFields as refused:
        form.refuse(refused)
        return case_page(request, pk, form=form, error=_REFUSED, status=422)
    except Outdated as error:  # what was typed goes on to the page where it can be recorded
        return case_page(request, error.newest_id, form=form, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, pk, form=form, error=str(error), status=409)
    messages.success(request, f"You have {decision.verdict} {prediction.loan_id}.")
    return see_other("prediction_detail", pk)
