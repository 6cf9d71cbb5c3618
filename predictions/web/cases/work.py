"""Work on a case beside deciding it: values in place, holds, notes, withdrawals and assignments."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from predictions.errors import Conflict, FormChanged, InvalidFields, OutdatedPrediction
from predictions.live.active_model import schema_in_use
from predictions.models import Prediction
from predictions.models.querysets import AnyUser
from predictions.roles import ASSIGN, DECIDE
from predictions.services.cases import holds, notes, withdrawals
from predictions.services.cases.values import change_values
from predictions.services.queue import assignment
from predictions.web.cases.decisions import ServiceForm
from predictions.web.cases.lookup import get_case, redirect_after_work
from predictions.web.cases.pages import case_page
from predictions.web.cases.values import ValuesForm, value_changes
from predictions.web.cases.work_forms import AssignmentForm, HoldForm, NoteForm, WithdrawalForm
from predictions.web.forms import FORM_SCHEMA
from predictions.web.posting import create_once_per_form, post_only
from predictions.web.presentation import prediction_percent

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


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def values(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill in or correct values: the application is assessed again, and its owner stays."""
    prediction = get_case(request, pk)
    form = ValuesForm(schema_in_use(prediction.product_key), request.POST)
    try:
        if request.POST.get(FORM_SCHEMA, form.schema.digest) != form.schema.digest:
            raise FormChanged
        if not form.is_valid():
            return case_page(request, pk, values_form=form, error=_NOT_CHANGED, status=422)
        newest = create_once_per_form(request, form.cleaned_data, lambda: _changed(request, prediction, form))
    except InvalidFields as refused:
        form.add_refusal(refused)
        return case_page(request, pk, values_form=form, error=_NOT_CHANGED, status=422)
    except OutdatedPrediction as error:
        return case_page(request, error.newest_id, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, pk, values_form=form, error=str(error), status=409)
    messages.success(request, _changes_in_words(prediction, newest))
    return redirect_after_work(request, prediction)


_NOT_CHANGED = "Not assessed again. Correct the marked values."


def _changed(request: HttpRequest, prediction: Prediction, form: ValuesForm) -> int:
    return change_values(
        prediction=prediction,
        by=request.user,
        values=form.values_by_column(),
        why=form.cleaned_data["why"],
        source=Prediction.Source.FORM,
        request_id=request.request_id,  # type: ignore[attr-defined]
    ).id


def _changes_in_words(before: Prediction, newest_id: int) -> str:
    newest = Prediction.objects.select_related("policy").get(pk=newest_id)
    changes = "; ".join(value_changes(newest.schema, before.inputs, newest.inputs))
    return f"{changes}. Assessed again: {prediction_percent(before)}% → {prediction_percent(newest)}%."
