"""The page that scores one application."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from ml.schemas.schema import Schema
from predictions.errors import FormChanged, ProductRetired
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import Prediction
from predictions.reading.applications import application_id
from predictions.roles import SCORE
from predictions.services.scoring import scoring
from predictions.web.cases.lookup import read_row_key
from predictions.web.forms import FORM_SCHEMA, ApplicantForm, form_entries
from predictions.web.posting import create_once_per_form, new_token


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SCORE, raise_exception=True)
def score_form(request: HttpRequest) -> HttpResponse:
    """Show the form, empty or with the values of an earlier prediction (``?again=<id>``), and score it."""
    if product_of(request).retired:
        raise ProductRetired(product_of(request).title)
    schema = schema_in_use(product_of(request).pk)
    if request.method != "POST":
        return _page(request, ApplicantForm(schema, initial=_earlier_entries(request, schema)))
    form = ApplicantForm(schema, request.POST)
    if request.POST.get(FORM_SCHEMA, schema.digest) != schema.digest:
        return _changed(request)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        pk = create_once_per_form(request, form.cleaned_data, lambda: _scored(request, form))
    except FormChanged:  # between reading the form and scoring it
        return _changed(request)
    return redirect("application_detail", application_id(Prediction.objects.get(pk=pk)))


def _changed(request: HttpRequest) -> HttpResponse:
    """Show the form of the schema in use with all that was entered into the form before."""
    form = ApplicantForm(schema_in_use(product_of(request).pk), request.POST)
    return _page(request, form, status=409, changed=str(FormChanged()))


def _scored(request: HttpRequest, form: ApplicantForm) -> int:
    return scoring.score_records(
        owner=request.user,
        records=[form.record()],
        source=Prediction.Source.FORM,
        product_id=product_of(request).pk,
        request_id=request.request_id,  # type: ignore[attr-defined]
    )[0].id


def _page(request: HttpRequest, form: ApplicantForm, status: int = 200, changed: str = "") -> HttpResponse:
    context = {"form": form, "form_token": new_token(), "changed": changed}
    return render(request, "predictions/cases/applicant_score.html", context, status=status)


def _earlier_entries(request: HttpRequest, schema: Schema) -> dict[str, str]:
    if "again" not in request.GET:
        return {}
    own = Prediction.objects.of_product(product_of(request)).filter(owner=request.user.pk)
    return form_entries(schema, get_object_or_404(own, pk=read_row_key(request.GET["again"])))
