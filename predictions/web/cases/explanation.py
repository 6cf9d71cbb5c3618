"""The explanation sheet: why the model said what it said, on paper, for an approval as for a denial."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ml.applications.schema import BY_COLUMN
from predictions.models import Prediction
from predictions.web.cases.case_inputs import input_rows
from predictions.web.cases.lookup import case_of
from predictions.web.cases.parts import Scale
from predictions.words.notice_draft import unprotected
from predictions.words.times import document


class Sheet:
    """What the sheet says of a prediction; the weightiest reason of each side comes first."""

    def __init__(self, prediction: Prediction) -> None:
        self.prediction, self.version = prediction, prediction.model_version
        self.scale = Scale(prediction.approval_probability, prediction.policy, prediction.outcome)
        self.causes = [cause["text"] for cause in prediction.causes]
        reasons = unprotected(prediction.reasons)
        self.against = [reason["text"] for reason in reasons if reason["contribution"] < 0]
        self.favourable = [reason["text"] for reason in reversed(reasons) if reason["contribution"] > 0]
        self.used = [row for row in input_rows(prediction) if row.used]
        self.missing = [BY_COLUMN[column].label for column in prediction.missing]
        self.protected = [BY_COLUMN[column].label for column in self.version.protected_columns]
        self.decision = prediction.decisions.select_related("by").first()


@require_safe
@login_required
@document
def explanation(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "predictions/decisions/explanation.html", {"sheet": Sheet(case_of(request, pk))})
