"""The explanation sheet: why the model said what it said, on paper, for an approval as for a denial."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ml.schema import FEATURES
from predictions.models import Prediction
from predictions.notice_draft import unprotected
from predictions.web.cases import case_of
from predictions.web.presentation import CaseView


class Sheet:
    """What the sheet says of a prediction; the weightiest reason of each side comes first."""

    def __init__(self, prediction: Prediction) -> None:
        self.case = CaseView(prediction)
        reasons = unprotected(prediction.reasons)
        self.against = [reason["text"] for reason in reasons if reason["contribution"] < 0]
        self.favourable = [reason["text"] for reason in reversed(reasons) if reason["contribution"] > 0]
        columns = prediction.model_version.columns
        rows = zip(FEATURES, self.case.inputs, strict=True)
        self.used = [row for feature, row in rows if feature.column in columns]
        self.band = _band(prediction)
        self.decision = prediction.decisions.select_related("by").first()


@require_safe
@login_required
def explanation(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "predictions/explanation.html", {"sheet": Sheet(case_of(request, pk))})


def _band(prediction: Prediction) -> str:
    low, high = prediction.policy.refer_low, prediction.policy.refer_high
    if low is None or high is None:
        return ""
    return f"{100 * low:g} % to under {100 * high:g} %"
