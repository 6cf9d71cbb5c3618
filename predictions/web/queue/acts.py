"""Acts of the queue: claim and release a case, go to the next one, and act on several at once."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url

from predictions.errors import Conflict, InvalidFields, OutdatedPrediction
from predictions.live.products import product_of
from predictions.models import Claim, Prediction
from predictions.models.prediction import ReferralQuerySet
from predictions.reading import queue as queue_reading
from predictions.reading.filters import is_key
from predictions.roles import ASSIGN, DECIDE
from predictions.services.queue import assignment, bulk_acts, claims
from predictions.services.queue.bulk_acts import BulkReport
from predictions.web.cases.lookup import (
    CASE_RELATIONS,
    get_case,
    redirect_after_post,
    redirect_to_application,
    visible_predictions,
)
from predictions.web.cases.pages import case_page
from predictions.web.cases.work_forms import BulkForm
from predictions.web.posting import post_only
from predictions.web.queue.filter import forget_filter, remember_filter, remembered_filter
from predictions.web.queue.pages import QueueForm, queue_page, read_view

_ACTS = ("assign", "withdraw", "deny")
_TRIES = 20  # cases that others claim at the same moment


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, success = get_case(request, pk), "{} is assigned to you until you decide or release it."
    return _change(request, prediction, claims.claim_case, success) or redirect_to_application(prediction)


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, success = get_case(request, pk), "{} is unassigned now."
    return _change(request, prediction, claims.release_case, success) or redirect_after_post("queue")


def _change(
    request: HttpRequest, prediction: Prediction, service: Callable[..., Claim | None], success: str
) -> HttpResponse | None:
    """Claim or release a case. Return a page only if the service refuses."""
    try:
        service(prediction=prediction, by=request.user)
    except OutdatedPrediction as error:
        return case_page(request, error.newest_id, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, prediction.pk, error=str(error), status=409)
    messages.success(request, success.format(prediction.loan_id))
    return None


@post_only("queue")
@login_required
@permission_required(DECIDE, raise_exception=True)
def work_through(request: HttpRequest) -> HttpResponse:
    """Claim the next case of the view and its filters and open it. "Record and next" remembers them."""
    read_view(request.GET)
    remember_filter(request)
    return next_case(request)


def next_case(request: HttpRequest) -> HttpResponse:
    """Redirect to the next case of the remembered filter, which is then claimed, or back to the queue."""
    query = QueryDict(remembered_filter(request))
    filters = QueueForm(query, request.user)
    rows = queue_reading.entries_for(request.user, product_of(request))
    rows = queue_reading.to_work_through(rows, read_view(query), request.user)
    prediction = _claim_first(request, filters, rows) if filters.is_valid() else None
    if prediction:
        return redirect_to_application(prediction)
    forget_filter(request)
    messages.info(request, "No case is left that you could work on in this view.")
    return redirect_after_post(f"{resolve_url('queue')}?{query.urlencode()}" if query else "queue")


def _claim_first(request: HttpRequest, filters: QueueForm, rows: ReferralQuerySet) -> Prediction | None:
    """Claim the first case that nobody is quicker to claim. Proposed decisions wait for somebody else."""
    to_confirm = queue_reading.to_confirm(request.user, product_of(request))
    proposed = set(to_confirm.values_list("prediction", flat=True))
    ordered = filters.sort.sort(filters.filter(rows))[: _TRIES + len(proposed)]
    for entry in ordered.select_related("prediction"):
        newest = Prediction.objects.of_application(*entry.prediction.application).order_by("-pk")[0]
        if newest.pk in proposed:
            continue
        try:
            claims.claim_case(prediction=newest, by=request.user)
        except Conflict:
            continue
        return newest
    return None


@post_only("queue")
@login_required
@permission_required(ASSIGN, raise_exception=True)
def bulk(request: HttpRequest) -> HttpResponse:
    """Assign, withdraw or deny the selected cases, and report what failed and why."""
    form = BulkForm(request.POST)
    chosen = [int(pk) for pk in request.POST.getlist("case")[: bulk_acts.MOST] if is_key(pk)]
    rows = visible_predictions(request).filter(pk__in=chosen).select_related(*CASE_RELATIONS)
    if not chosen or form.entered("act") not in _ACTS:
        messages.error(request, "Choose one of the acts." if chosen else "Nothing was selected.")
        return queue_page(request, form=form, status=422)
    try:
        report = _carry_out(request, form, list(rows.order_by("pk")))
    except InvalidFields as refused:
        form.add_errors(refused)
        return queue_page(request, form=form, status=422)
    return queue_page(request, report=report, status=409 if report.failed else 200)


def _carry_out(request: HttpRequest, form: BulkForm, cases: list[Prediction]) -> BulkReport:
    act, by = form.entered("act"), request.user
    if act == "assign":
        to = assignment.account_named(form.entered("to"))
        return bulk_acts.assign_all(predictions=cases, to=to, by=by)
    if act == "withdraw":
        return bulk_acts.withdraw_all(predictions=cases, reason=form.entered("reason"), by=by)
    words = {"code": form.entered("code"), "applicant_text": form.entered("applicant_text")}
    return bulk_acts.deny_all(predictions=cases, **words, by=by)
