from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from predictions.models import ModelVersion
from predictions.roles import SEE_MODELS
from predictions.web.models.evaluation import EvaluationView


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures beside the baselines, calibration, learning curve, groups, cost of protected columns."""
    version = get_object_or_404(ModelVersion, pk=pk)
    context = {"version": version, "evaluation": EvaluationView(version)}
    return render(request, "predictions/evaluation/model_evaluation.html", context)
