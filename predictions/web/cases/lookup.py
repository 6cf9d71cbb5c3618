"""Find the case of an address, for users who may see it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, resolve_url

from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet
from predictions.reading.filters import is_key
from predictions.roles import SCORE, SEE_ALL

CASE_RELATIONS = ("owner", "model_version", "explanation", "policy")


def require_case_access(request: HttpRequest) -> None:
    """Raise `PermissionDenied` for a user who may not see any case."""
    if not (request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied


def visible_predictions(request: HttpRequest) -> PredictionQuerySet:
    """Return the predictions that the user may see. Raises `PermissionDenied`."""
    require_case_access(request)
    return Prediction.objects.of_product(request.product).visible_to(request.user)


def get_case(request: HttpRequest, pk: int) -> Prediction:
    """Return a prediction with its related rows and its `newest_id`, in one query. Raises `Http404`."""
    rows = (
        visible_predictions(request)
        .with_newest()
        .select_related(*CASE_RELATIONS)
        .defer("model_version__report")
    )
    return get_object_or_404(rows, pk=pk)


def read_row_key(text: str) -> int:
    """Return the primary key that `text` of an address names. Raises `Http404`."""
    if not is_key(text):
        raise Http404
    return int(text)


def redirect_after_post(name: str, *args: object) -> HttpResponse:
    """Redirect to a page after a change."""
    return HttpResponseRedirect(resolve_url(name, *args), status=303)
