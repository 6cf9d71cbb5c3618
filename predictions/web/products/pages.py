"""Pages of all products: the list with its changes, and the start of a new product."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ml.errors import DatasetError, InvalidValue
from ml.intake.alone import TwoMeanings
from predictions.errors import Conflict, NoSuchProduct
from predictions.live import active_model, products
from predictions.models import ModelVersion, Prediction, Product, ProductDraft
from predictions.reading import schema_versions
from predictions.requests.bodies import takes_file
from predictions.roles import CHANGE_PRODUCTS, SEE_PRODUCTS
from predictions.services.products.drafting import drafts
from predictions.services.products.products import bring_back_product, make_default, retire_product
from predictions.web.mounts import mount_of
from predictions.web.products.forms import ReasonForm, TableForm
from predictions.web.uploads.refusals import shown_faults

ACTIONS = {"retire": retire_product, "bring_back": bring_back_product, "make_default": make_default}
_DONE = {
    "retire": "{} is retired. It takes no applications; its history can be read.",
    "bring_back": "{} takes applications again.",
    "make_default": "{} is the default product: addresses that name no product mean it.",
}


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product in the list, with what it uses and the form that changes it."""

    product: Product
    mount: str
    active: ModelVersion | None
    schema_number: int
    predictions: int
    form: ReasonForm
    error: str

    @property
    def actions(self) -> list[tuple[str, str]]:
        if self.product.retired:
            return [("bring_back", "Bring back")]
        return [] if self.product.is_default else [("make_default", "Make default"), ("retire", "Retire")]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SEE_PRODUCTS, raise_exception=True)
def product_list(request: HttpRequest) -> HttpResponse:
    """List all products; retire one, bring it back or make it the default one."""
    if request.method != "POST":
        return _list(request)
    if not request.user.has_perm(CHANGE_PRODUCTS):
        raise PermissionDenied
    form = ReasonForm(request.POST)
    try:
        product = products.named(request.POST.get("product", ""))
        change = ACTIONS[request.POST.get("action", "")]
    except (NoSuchProduct, KeyError):
        return _list(request, status=422)
    if not form.is_valid():
        return _list(request, product, form, status=422)
    try:
        change(product=product, by=request.user, reason=form.cleaned_data["reason"])
    except Conflict as error:
        return _list(request, product, form, str(error), status=409)
    messages.success(request, _DONE[request.POST["action"]].format(product.title))
    return redirect("products")


def _list(
    request: HttpRequest,
    changed: Product | None = None,
    form: ReasonForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    products.forget()
    lines = []
    for product in products.every():
        refused = product == changed
        own = form if refused and form else ReasonForm(auto_id=f"id_%s_{product.pk}")
        lines.append(_line(product, own, error if refused else ""))
    return render(
        request,
        "predictions/products/product_list.html",
        {"lines": lines, "drafts": _own_drafts(request)},
        status=status,
    )


def _line(product: Product, form: ReasonForm, error: str) -> ProductLine:
    in_use = active_model.schema_in_use(product.pk)
    return ProductLine(
        product=product,
        mount=mount_of(product),
        active=ModelVersion.objects.of_product(product).active().defer("report").first(),
        schema_number=schema_versions.number_in_use(product.pk, in_use),
        predictions=Prediction.objects.of_product(product).count(),
        form=form,
        error=error,
    )


def _own_drafts(request: HttpRequest) -> list[ProductDraft]:
    return list(ProductDraft.objects.filter(owner=request.user.pk).select_related("product"))


@takes_file(CHANGE_PRODUCTS)
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(CHANGE_PRODUCTS, raise_exception=True)
def product_new(request: HttpRequest) -> HttpResponse:
    """Start a new product: its table, title, name and currency."""
    if request.method != "POST":
        return _new(request, TableForm())
    form = TableForm(request.POST, request.FILES)
    if not form.is_valid():
        return _new(request, form, status=422)
    upload = form.cleaned_data["table"]
    try:
        draft = drafts.start_from_table(
            owner=request.user,
            file_name=upload.name,
            content=upload.read(),
            wishes=form.wishes,
            **{key: form.cleaned_data[key] for key in ("title", "name", "currency")},
        )
    except InvalidValue as error:
        form.add_error("sheet", error.detail)
        return _new(request, form, status=422)
    except DatasetError as error:
        return _new(request, form, unusable=error, status=422)
    return redirect("draft_outcome", draft.pk)


def _new(
    request: HttpRequest, form: TableForm, *, unusable: DatasetError | None = None, status: int = 200
) -> HttpResponse:
    faults = shown_faults(unusable)
    two_meanings = isinstance(unusable, TwoMeanings)
    context = {
        "form": form,
        "fields": form.shown(asks_decimal=two_meanings),
        "unusable": unusable,
        "two_meanings": two_meanings,
        "faults": faults,
        "drafts": _own_drafts(request),
    }
    return render(request, "predictions/products/product_new.html", context, status=status)


def own_draft(request: HttpRequest, pk: int) -> ProductDraft:
    """Return a draft of the user. Raises `Http404` for those of others."""
    draft = ProductDraft.objects.filter(owner=request.user.pk, pk=pk).select_related("product").first()
    if draft is None:
        raise Http404
    return draft
