"""Work on a case beside deciding it: holds, notes, withdrawals and assignments."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from predictions.errors import Conflict, InvalidFields, OutdatedPrediction
from predictions.models import Prediction
from predictions.models.querysets import AnyUser
from predictions.roles import ASSIGN, DECIDE
from predictions.services.cases import assignment, holds, notes, withdrawals
from predictions.web.cases.decisions import ServiceForm
from predictions.web.cases.lookup import get_case, redirect_after_work
from predictions.web.cases.pages import case_page
from predictions.web.cases.work_forms import AssignmentForm, HoldForm, NoteForm, WithdrawalForm
from predictions.web.posting import post_only

_REFUSED = "Not saved. Correct the marked fields."
Act = Callable[[Prediction, AnyUser, ServiceForm], str]


def _view(form: type[ServiceForm], right: str, act: Act) -> Callable[..., HttpResponseBase]:
    """Return the view of a form. `act` calls the service and returns what to tell the user."""

    @post_only("prediction_detail")
    @login_required
    @permission_required(right, raise_exception=True)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _carry_out(request, get_case(request, pk), form(request.POST), act)

    return view


def _carry_out(request: HttpRequest, prediction: Prediction, form: ServiceForm, act: Act) -> HttpResponse:
    try:
        messages.success(request, act(prediction, request.user, form))
    except InvalidFields as refused:
        form.add_errors(refused)
        return case_page(request, prediction.pk, work_form=form, error=_REFUSED, status=422)
    except OutdatedPrediction as error:
        return case_page(request, error.newest_id, work_form=form, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, prediction.pk, work_form=form, error=str(error), status=409)
    return redirect_after_work(request, prediction)


def _hold(prediction: Prediction, by: AnyUser, form: ServiceForm) -> str:
    asked, until = form.entered("asked"), form.entered("until")
    made = holds.put_on_hold(prediction=prediction, by=by, asked=asked, until=until)
    return f"{prediction.loan_id} is on hold until {made.until:%-d %B %Y}."


def _end_hold(prediction: Prediction, by: AnyUser, form: ServiceForm) -> str:
    holds.end_hold(prediction=prediction, by=by)
    return f"{prediction.loan_id} is no longer on hold."


def _note(prediction: Prediction, by: AnyUser, form: ServiceForm) -> str:
    notes.add_note(prediction=prediction, by=by, text=form.entered("text"))
    return "Note added."


def _withdraw(prediction: Prediction, by: AnyUser, form: ServiceForm) -> str:
    withdrawals.withdraw(prediction=prediction, by=by, reason=form.entered("reason"))
    return f"{prediction.loan_id} is withdrawn."


def _assign(prediction: Prediction, by: AnyUser, form: ServiceForm) -> str:
    account = assignment.account_named(form.entered("to"))
    assignment.assign_case(prediction=prediction, to=account, by=by)
    return f"{prediction.loan_id} is assigned to {account.get_username()}."


hold = _view(HoldForm, DECIDE, _hold)
end_hold = _view(ServiceForm, DECIDE, _end_hold)
note = _view(NoteForm, DECIDE, _note)
withdraw = _view(WithdrawalForm, DECIDE, _withdraw)
assign = _view(AssignmentForm, ASSIGN, _assign)
