"""Finding the cases that an address names, and answering about them."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, resolve_url

from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet
from predictions.reading.filters import is_key
from predictions.roles import SCORE, SEE_ALL

CASE_RELATIONS = ("owner", "model_version", "explanation", "policy")


def require_case_access(request: HttpRequest) -> None:
    """Raise `PermissionDenied` for a user who may see no cases at all."""
    if not (request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied


def visible_predictions(request: HttpRequest) -> PredictionQuerySet:
    """Predictions that this user may see; refuses those who may see none."""
    require_case_access(request)
    rows: PredictionQuerySet = Prediction.objects.visible_to(request.user)
    return rows


def get_case(request: HttpRequest, pk: int) -> Prediction:
    """Return the prediction with all that its page shows, and its `newest_id`, in one query."""
    rows = (
        visible_predictions(request)
        .with_newest()
        .select_related(*CASE_RELATIONS)
        .defer("model_version__report")
    )
    found: Prediction = get_object_or_404(rows, pk=pk)
    return found


def read_row_key(text: str) -> int:
    """Read a row's key out of an address."""
    if not is_key(text):
        raise Http404
    return int(text)


def redirect_after_post(name: str, *args: object) -> HttpResponse:
    """Lead on to a page after a change."""
    return HttpResponseRedirect(resolve_url(name, *args), status=303)
