"""The page of one prediction, and its what-if."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from predictions.case_file import CaseFile
from predictions.web.access import visible_predictions
from predictions.web.case_others import case_and_others
from predictions.web.case_view import CaseView
from predictions.web.forms_what_if import WhatIfForm
from predictions.web.what_if_view import WhatIf


@require_safe
@login_required
def prediction_detail(request: HttpRequest, pk: int) -> HttpResponse:
    prediction, others = case_and_others(visible_predictions(request), pk)
    case = CaseView(prediction, others, CaseFile.of(prediction))
    context = {"case": case, "what_if": WhatIf(WhatIfForm(prediction))}
    return render(request, "predictions/prediction_detail.html", context)


@require_POST
@login_required
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Try other values: values come in the body, so that no address and no log ever holds an income."""
    if "HX-Request" in request.headers:
        return _live(request, pk)
    prediction, others = case_and_others(visible_predictions(request), pk)
    tried = WhatIf.of(prediction, request.POST)
    context = {"case": CaseView(prediction, others, CaseFile.of(prediction)), "what_if": tried}
    status = 422 if tried.refused else 200
    return render(request, "predictions/prediction_detail.html", context, status=status)


def _live(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer while somebody types; 200 also for a half-written number: a browser reports 422 as a fault."""
    rows = visible_predictions(request).select_related("applicant", "model_version", "explanation", "policy")
    tried = WhatIf.of(get_object_or_404(rows.defer("model_version__report"), pk=pk), request.POST)
    response = render(request, "predictions/_what_if_live.html", {"what_if": tried})
    if tried.refused:
        response["HX-Reswap"] = "none"  # the last result stays
    return response
