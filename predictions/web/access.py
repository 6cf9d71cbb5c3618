"""Which predictions a page may show to whom."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet
from predictions.roles import SCORE, SEE_ALL


def visible_predictions(request: HttpRequest) -> PredictionQuerySet:
    """Predictions that this user may see; refuses those who may see none."""
    if not (request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied
    return Prediction.objects.visible_to(request.user)
