from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ml.errors import ArtefactError
from ml.scorecard.scaling import Scaling
from ml.scorecard.scorecard import Scorecard
from predictions.errors import ModelUnreadable
from predictions.live import active_model
from predictions.models import ModelVersion
from predictions.roles import SEE_MODELS
from predictions.web.models.points_table import PointsTable

SCALING = Scaling()


@require_safe
@login_required
@permission_required(SEE_MODELS, raise_exception=True)
def scorecard(request: HttpRequest, pk: int) -> HttpResponse:
    """Points per bin of every column, read from the verified artefact."""
    version = get_object_or_404(ModelVersion.objects.defer("report"), pk=pk)
    context = {"version": version, "scaling": SCALING, "table": _points_table(version)}
    return render(request, "predictions/evaluation/model_scorecard.html", context)


def _points_table(version: ModelVersion) -> PointsTable | None:
    # Other recipes are not opened at all: their artefacts need scikit-learn, which a web worker does without.
    if version.recipe != "scorecard":
        return None
    try:
        predictor = active_model.open_version(version).predictor
    except ArtefactError as error:
        detail = f"The scorecard of version {version.pk} cannot be shown, because its file cannot be trusted."
        raise ModelUnreadable(f"{detail} {error}") from error
    return PointsTable(predictor, SCALING) if isinstance(predictor, Scorecard) else None
