from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from predictions.filter_values import is_key
from predictions.models import Prediction
from predictions.roles import SCORE, SEE_ALL


def visible(request: HttpRequest) -> QuerySet[Prediction]:
    """Predictions that this user may see; refuses those who may see none."""
    if not (request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied
    return Prediction.objects.visible_to(request.user)


def key_of(text: str) -> int:
    """Read a row's key out of an address."""
    if not is_key(text):
        raise Http404
    return int(text)
