"""The page of a case: show it, decide it, try other values, explain it on paper."""

from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_safe

from predictions.errors import Conflict, InvalidFields, OutdatedPrediction
from predictions.models import Decision, Prediction, Proposal
from predictions.reading.case_file import CaseFile
from predictions.roles import DECIDE
from predictions.services.cases.proposals import decide_or_propose
from predictions.web.cases.decisions import DecisionDesk, DecisionForm, ServiceForm
from predictions.web.cases.lookup import get_case, redirect_after_work, visible_in_any_product
from predictions.web.cases.others import ApplicationPredictions, predictions_beside, predictions_of
from predictions.web.cases.parts import Scale, inputs_of
from predictions.web.cases.values import ValuesDesk, ValuesForm
from predictions.web.cases.view import CaseView
from predictions.web.cases.what_if import WhatIf
from predictions.web.cases.work_forms import CaseWork
from predictions.web.mounts import get_own, require_own
from predictions.web.posting import post_only
from predictions.web.presentation import prediction_percent
from predictions.web.queue.filter import remembered_filter
from predictions.words.notice_draft import without_protected_reasons
from predictions.words.times import in_site_zone


@require_safe
@login_required
def application_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an application as its newest prediction. The id of a later prediction leads to its number."""
    predictions = predictions_of(visible_in_any_product(request), pk)
    require_own(request, predictions.this)
    if predictions.number != pk:
        return redirect("application_detail", predictions.number)
    return _page(request, predictions)


@require_safe
@login_required
def prediction_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one assessment of an application, read-only unless it is the newest."""
    return case_page(request, pk)


@post_only("prediction_detail")
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Try other values. They come in the body: no address and no log may contain an income."""
    if "HX-Request" not in request.headers:
        return _whole_page(request, pk)
    return _live(request, pk) if request.user.is_authenticated else _signed_out(pk)


@login_required
def _whole_page(request: HttpRequest, pk: int) -> HttpResponse:
    return case_page(request, pk, tried=request.POST)


def _signed_out(pk: int) -> HttpResponse:
    """Let htmx load the sign-in page. It would insert the page of a redirect into the case."""
    page = redirect_to_login(resolve_url("prediction_detail", pk)).url
    return HttpResponse(status=401, headers={"HX-Redirect": page})


def case_page(
    request: HttpRequest,
    pk: int,
    *,
    tried: QueryDict | None = None,
    form: DecisionForm | None = None,
    work_form: ServiceForm | None = None,
    values_form: ValuesForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a prediction, with the what-if of `tried` values, or a refused form and its `error`."""
    predictions = predictions_beside(visible_in_any_product(request), pk)
    require_own(request, predictions.this)
    shown = _ShownForms(form, work_form, values_form, error)
    return _page(request, predictions, tried=tried, forms=shown, status=status)


class _ShownForms(NamedTuple):
    """The forms that were refused, and why."""

    decision: DecisionForm | None = None
    work: ServiceForm | None = None
    values: ValuesForm | None = None
    error: str = ""


_NO_FORMS = _ShownForms()


def _page(
    request: HttpRequest,
    predictions: ApplicationPredictions,
    *,
    tried: QueryDict | None = None,
    forms: _ShownForms = _NO_FORMS,
    status: int = 200,
) -> HttpResponse:
    file, what_if = CaseFile.of(predictions.this), WhatIf.of(predictions.this, tried)
    newest, form = predictions.newest, forms.decision or DecisionForm()
    desk = DecisionDesk(predictions, request.user, file=file, form=form, error=forms.error)
    context = {"case": CaseView(predictions, file), "what_if": what_if, "desk": desk}
    context |= {"newest": newest, "newest_percent": prediction_percent(newest)}
    context["work"] = CaseWork(desk, file, request.user, forms.work)
    context["values"] = ValuesDesk(desk, predictions.this, request.user, forms.values)
    status = 422 if what_if.refused else status
    return render(request, "predictions/cases/prediction_detail.html", context, status=status)


def _live(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer while an officer types, with 200 also for an incomplete number: browsers log 422 as an error."""
    rows = visible_in_any_product(request).select_related("model_version", "explanation", "policy")
    what_if = WhatIf.of(get_own(request, rows.defer("model_version__report"), pk), request.POST)
    response = render(request, "predictions/what_if/_what_if_live.html", {"what_if": what_if})
    if what_if.refused:
        response["HX-Reswap"] = "none"  # keep the last result, dimmed: the page must not jump
    return response


class ExplanationSheet:
    """The contents of a prediction's explanation sheet. The strongest reason of each side comes first."""

    def __init__(self, prediction: Prediction) -> None:
        self.prediction, self.version = prediction, prediction.model_version
        self.scale = Scale(prediction.approval_probability, prediction.policy, prediction.outcome)
        self.causes = [cause["text"] for cause in prediction.causes]
        schema = prediction.schema
        reasons = without_protected_reasons(schema, prediction.reasons)
        self.against = [reason["text"] for reason in reasons if reason["contribution"] < 0]
        self.favourable = [reason["text"] for reason in reversed(reasons) if reason["contribution"] > 0]
        self.used = [row for row in inputs_of(prediction) if row.used]
        self.missing = [schema.by_column[column].label for column in prediction.missing]
        self.protected = [schema.by_column[column].label for column in self.version.protected_columns]
        self.means = schema.target.means
        self.decision = prediction.decisions.select_related("by").first()


@require_safe
@login_required
@in_site_zone
def explanation(request: HttpRequest, pk: int) -> HttpResponse:
    return render(
        request, "predictions/decisions/explanation.html", {"sheet": ExplanationSheet(get_case(request, pk))}
    )


def _done(made: Decision | Proposal, loan_id: str) -> str:
    if isinstance(made, Proposal):
        return f"You proposed a decision on {loan_id}. Another person must confirm it."
    return f"You {made.verdict} {loan_id}."


_REFUSED = "Not recorded. Correct the marked fields under Decision."


@post_only("prediction_detail")
@login_required
@permission_required(DECIDE, raise_exception=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, form = get_case(request, pk), DecisionForm(request.POST)
    form.offer_terms(prediction.schema)
    try:
        made = decide_or_propose(prediction=prediction, by=request.user, **form.decision_values())
    except InvalidFields as refused:
        form.add_errors(refused)
        return case_page(request, pk, form=form, error=_REFUSED, status=422)
    except OutdatedPrediction as error:  # show the entries on the page where they can be recorded
        return case_page(request, error.newest_id, form=form, error=str(error), status=409)
    except Conflict as error:
        return case_page(request, pk, form=form, error=str(error), status=409)
    messages.success(request, _done(made, prediction.loan_id))
    if (
        "next" in request.POST or "next" in request.GET
    ):  # 307: the browser posts on, and the next case is claimed
        address = f"{resolve_url('work_through')}?{remembered_filter(request)}"
        return HttpResponseRedirect(address, status=307)
    return redirect_after_work(request, prediction)
