"""The page that scores one application."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from predictions.errors import ProductRetired
from predictions.live.products import product_of
from predictions.models import Prediction
from predictions.roles import SCORE
from predictions.services.scoring import scoring
from predictions.web.cases.lookup import read_row_key
from predictions.web.forms import ApplicantForm, form_entries
from predictions.web.posting import create_once_per_form, new_token


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SCORE, raise_exception=True)
def score_form(request: HttpRequest) -> HttpResponse:
    """Show the form, empty or with the values of an earlier prediction (``?again=<id>``), and score it."""
    if product_of(request).retired:
        raise ProductRetired(product_of(request).title)
    if request.method != "POST":
        return _page(request, ApplicantForm(initial=_earlier_entries(request)))
    form = ApplicantForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    return redirect(
        "prediction_detail", create_once_per_form(request, form.cleaned_data, lambda: _scored(request, form))
    )


def _scored(request: HttpRequest, form: ApplicantForm) -> int:
    return scoring.score_records(
        owner=request.user,
        records=[form.record()],
        source=Prediction.Source.FORM,
        product_id=product_of(request).pk,
        request_id=request.request_id,  # type: ignore[attr-defined]
    )[0].id


def _page(request: HttpRequest, form: ApplicantForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "form_token": new_token()}
    return render(request, "predictions/cases/applicant_score.html", context, status=status)


def _earlier_entries(request: HttpRequest) -> dict[str, str]:
    if "again" not in request.GET:
        return {}
    own = Prediction.objects.of_product(product_of(request)).filter(owner=request.user.pk)
    return form_entries(get_object_or_404(own, pk=read_row_key(request.GET["again"])))
