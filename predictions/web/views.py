from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from predictions.models import Prediction
from predictions.roles import SCORE, SEE_ALL
from predictions.services import scoring
from predictions.web.forms import ApplicantForm, entries_of
from predictions.web.presentation import CaseView, Page

PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SCORE, raise_exception=True)
def score(request: HttpRequest) -> HttpResponse:
    """The form; blank, or filled with an earlier prediction's values (``?again=<id>``)."""
    if request.method != "POST":
        form = ApplicantForm(initial=_earlier_entries(request))
        return render(request, "predictions/applicant_score.html", {"form": form})
    form = ApplicantForm(request.POST)
    if not form.is_valid():
        return render(request, "predictions/applicant_score.html", {"form": form}, status=422)
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
    rows = _visible(request).select_related("applicant", "owner", "model_version", "explanation", "policy")
    prediction = get_object_or_404(rows.defer("model_version__report"), pk=pk)
    return render(request, "predictions/prediction_detail.html", {"case": CaseView(prediction)})


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """Predictions by key, newest first: ``?before=<id>`` is the next page."""
    rows = listed(_visible(request))
    if "before" in request.GET:
        rows = rows.filter(pk__lt=_key(request.GET["before"]))
    return render(request, "predictions/prediction_list.html", {"page": Page.of(rows, PAGE)})


def _visible(request: HttpRequest) -> QuerySet[Prediction]:
    """Predictions that this user may see; refuses those who may see none."""
    if not (request.user.has_perm(SCORE) or request.user.has_perm(SEE_ALL)):
        raise PermissionDenied
    return Prediction.objects.visible_to(request.user)


def listed(rows: QuerySet[Prediction]) -> QuerySet[Prediction]:
    """Rows with what a list shows of them, in one query."""
    unused = ("inputs", "missing", "warnings", "gaps", "model_version__report")
    return rows.select_related("applicant", "owner", "model_version", "policy").defer(*unused)


def _earlier_entries(request: HttpRequest) -> dict[str, str]:
    if "again" not in request.GET:
        return {}
    own = Prediction.objects.filter(owner=request.user.pk).select_related("applicant")
    return entries_of(get_object_or_404(own, pk=_key(request.GET["again"])))


def _key(text: str) -> int:
    """Read a row's key out of an address."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Http404
    return int(text)
