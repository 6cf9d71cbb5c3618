from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from predictions.models import Prediction
from predictions.roles import SCORE, SEE_ALL
from predictions.services import scoring
from predictions.web.forms import ApplicantForm
from predictions.web.presentation import CaseView

RECENT = 10
PAGE = 25


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Home: what this user does next, and their newest predictions."""
    own = Prediction.objects.filter(owner=request.user.pk).select_related("applicant")
    return render(request, "predictions/desk.html", {"recent": own[:RECENT]})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SCORE, raise_exception=True)
def score(request: HttpRequest) -> HttpResponse:
    form = ApplicantForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 200 if request.method != "POST" else 422
        return render(request, "predictions/applicant_score.html", {"form": form}, status=status)
    prediction = scoring.score(
        owner=request.user,
        records=[form.record()],
        source=Prediction.Source.FORM,
        request_id=request.request_id,  # type: ignore[attr-defined]
    )[0]
    return redirect("prediction_detail", prediction.id)


@require_safe
@login_required
def prediction_detail(request: HttpRequest, pk: int) -> HttpResponse:
    prediction = get_object_or_404(_visible(request).select_related("model_version"), pk=pk)
    return render(request, "predictions/prediction_detail.html", {"case": CaseView(prediction)})


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    page = Paginator(_visible(request), PAGE).get_page(request.GET.get("page"))
    return render(request, "predictions/prediction_list.html", {"page": page})


def _visible(request: HttpRequest) -> QuerySet[Prediction]:
    """Predictions that this user may see; refuses those who may see none."""
    if not (request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied
    return Prediction.objects.visible_to(request.user).select_related("applicant", "owner")
