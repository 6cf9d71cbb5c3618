"""The page that scores one application."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from ml.applications.records import values_by_column
from ml.applications.types import Record
from predictions.errors import AlreadyScored, FormChanged, LoanIdTaken, ProductRetired
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import Prediction
from predictions.reading.applications import application_id
from predictions.reading.filters import is_key
from predictions.roles import SCORE
from predictions.services.scoring import namespaces, scoring
from predictions.web.cases.lookup import read_row_key
from predictions.web.cases.values import value_changes
from predictions.web.forms import FORM_SCHEMA, NEWEST_SEEN, ApplicantForm, form_entries
from predictions.web.posting import create_once_per_form, new_token
from predictions.web.typed.ids import KnownApplication


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """An application that the form would score again, and what differs from its newest prediction."""

    application: KnownApplication
    changes: list[str]

    @classmethod
    def of(cls, newest: Prediction, record: Record) -> "OwnApplication":
        changes = value_changes(record.of_schema, newest.inputs, values_by_column(record))
        return cls(KnownApplication.of(newest), [*changes])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SCORE, raise_exception=True)
def score_form(request: HttpRequest) -> HttpResponse:
    """Show the form, empty or with the values of an earlier prediction (``?again=<id>``), and score it.

    An application of the user's own is scored again only once the page has shown it.
    """
    if product_of(request).retired:
        raise ProductRetired(product_of(request).title)
    if request.method != "POST":
        return _empty_page(request)
    form = ApplicantForm(schema_in_use(product_of(request).pk), request.POST)
    if request.POST.get(FORM_SCHEMA, form.schema.digest) != form.schema.digest:
        return _changed(request)
    if not form.is_valid():
        return _page(request, form, status=422, seen=_seen(request))
    return _score_or_refuse(request, form)


def _score_or_refuse(request: HttpRequest, form: ApplicantForm) -> HttpResponse:
    try:
        pk = create_once_per_form(request, form.cleaned_data, lambda: _scored(request, form))
    except FormChanged:  # between reading the form and scoring it
        return _changed(request)
    except LoanIdTaken as error:
        form.add_error("loan_id", str(error))
        return _page(request, form, status=422, taken=error)
    except AlreadyScored as error:
        newest = Prediction.objects.select_related("policy").get(pk=error.newest_id)
        own = OwnApplication.of(newest, form.record())
        return _page(request, form, status=409, own=own, seen=newest.pk)
    _point_out_case(request, form)
    return redirect("application_detail", application_id(Prediction.objects.get(pk=pk)))


def _changed(request: HttpRequest) -> HttpResponse:
    """Show the form of the schema in use with all that was entered into the form before."""
    form = ApplicantForm(schema_in_use(product_of(request).pk), request.POST)
    return _page(request, form, status=409, changed=str(FormChanged()), seen=_seen(request))


def _scored(request: HttpRequest, form: ApplicantForm) -> int:
    loan_id, product_id = form.cleaned_data["loan_id"], product_of(request).pk

    def require_seen() -> None:
        if loan_id:
            facts = {"product_id": product_id, "loan_id": loan_id, "seen": _seen(request)}
            namespaces.require_seen(owner=request.user, **facts)

    return scoring.score_records(
        owner=request.user,
        records=[form.record()],
        source=Prediction.Source.FORM,
        product_id=product_id,
        request_id=request.request_id,  # type: ignore[attr-defined]
        before_insert=require_seen,
    )[0].id


def _point_out_case(request: HttpRequest, form: ApplicantForm) -> None:
    loan_id, product_id = form.cleaned_data["loan_id"] or "", product_of(request).pk
    others = namespaces.differing_in_case(owner=request.user, product_id=product_id, loan_id=loan_id)
    if others:
        named = ", ".join(others)
        messages.warning(request, f"{named} differs from {loan_id} only in case, and is another application.")


def _page(request: HttpRequest, form: ApplicantForm, status: int = 200, **shown: object) -> HttpResponse:
    context = {"form": form, "form_token": new_token(), "newest_seen": NEWEST_SEEN, **shown}
    return render(request, "predictions/cases/applicant_score.html", context, status=status)


def _seen(request: HttpRequest) -> int | None:
    """Return the newest prediction of an application that the page of the sent form showed."""
    text = request.POST.get(NEWEST_SEEN, "")
    return int(text) if is_key(text) else None


def _empty_page(request: HttpRequest) -> HttpResponse:
    """Show the form empty, or with the values of the prediction that is changed and scored again."""
    schema = schema_in_use(product_of(request).pk)
    if "again" not in request.GET:
        return _page(request, ApplicantForm(schema))
    own = Prediction.objects.of_product(product_of(request)).filter(owner=request.user.pk)
    earlier = get_object_or_404(own, pk=read_row_key(request.GET["again"]))
    form = ApplicantForm(schema, initial=form_entries(schema, earlier))
    return _page(request, form, seen=earlier.pk)
