"""Find the case of an address, for users who may see it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from predictions.live.products import product_of
from predictions.models import Prediction
from predictions.models.prediction import PredictionQuerySet
from predictions.reading.applications import application_id
from predictions.reading.filters import is_key
from predictions.roles import SCORE, SEE_ALL
from predictions.web.mounts import get_own

CASE_RELATIONS = ("owner", "model_version", "explanation", "policy")


def require_case_access(request: HttpRequest) -> None:
    """Raise `PermissionDenied` for a user who may not see any case."""
    if not (request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied


def visible_predictions(request: HttpRequest) -> PredictionQuerySet:
    """Return the predictions of the request's product that the user may see. Raises `PermissionDenied`."""
    require_case_access(request)
    return Prediction.objects.of_product(product_of(request)).visible_to(request.user)


def visible_in_any_product(request: HttpRequest) -> PredictionQuerySet:
    """Return the predictions of all products that the user may open. Raises `PermissionDenied`."""
    require_case_access(request)
    return Prediction.objects.opened_to(request.user)


def get_case(request: HttpRequest, pk: int) -> Prediction:
    """Return a prediction with its related rows, `newest_id` and `application_id` (see `get_own`)."""
    rows = (
        visible_in_any_product(request)
        .with_newest()
        .with_application_id()
        .select_related(*CASE_RELATIONS)
        .defer("model_version__report")
    )
    return get_own(request, rows, pk)


def read_row_key(text: str) -> int:
    """Return the primary key that `text` of an address names. Raises `Http404`."""
    if not is_key(text):
        raise Http404
    return int(text)


def redirect_after_post(name: str, *args: object) -> HttpResponse:
    """Redirect to a page after a change."""
    return HttpResponseRedirect(resolve_url(name, *args), status=303)


def redirect_after_work(request: HttpRequest, prediction: Prediction) -> HttpResponse:
    """Redirect to the application, or to the queue if the user saw it only while it was assigned to them."""
    may_open = visible_in_any_product(request).filter(pk=prediction.pk).exists()
    return redirect_to_application(prediction) if may_open else redirect_after_post("queue")


def redirect_to_application(prediction: Prediction) -> HttpResponse:
    """Redirect to the page of a prediction's application after a change."""
    return redirect_after_post("application_detail", application_id(prediction))
