"""The page of a file or a schema that is no draft any more: what became of it."""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from predictions.models import BatchDraft, Product, ProductDraft, TrainingDraft, TrainingRun
from predictions.services.uploads.ends import Became, Draft, End, end_of
from predictions.web.mounts import address_in

_GONE = 410
View = Callable[[HttpRequest, int], HttpResponse]


class _Told(NamedTuple):
    """A title, a sentence, and a link to what a draft became with its words."""

    title: str
    detail: str
    address: str = ""
    link: str = ""


_START: dict[type[Draft], tuple[str, str]] = {
    BatchDraft: ("batches", "Upload a file"),
    TrainingDraft: ("trainings", "Upload a table"),
    ProductDraft: ("products", "Go to the products"),
}  # the page where another draft begins
_KEPT = {BatchDraft: "an hour", TrainingDraft: "an hour", ProductDraft: "30 days"}


def tells_its_end(model: type[Draft]) -> Callable[[View], View]:
    """Let a view of a draft say what became of it, in place of 404, to the person whose draft it was."""

    def decorate(view: View) -> View:
        @wraps(view)
        def with_end(request: HttpRequest, pk: int) -> HttpResponse:
            try:
                return view(request, pk)
            except Http404:
                end = end_of(model, owner_id=request.user.pk or 0, pk=pk)
                if end is None:
                    raise
            page, words = _START[model]
            context = {"told": _told(model, end), "start": reverse(page), "start_words": words}
            return render(request, "predictions/uploads/ended.html", context, status=_GONE)

        return with_end

    return decorate


def _told(model: type[Draft], end: End) -> _Told:
    match end:
        case End(Became.SCORED, name, int(pk)):
            detail = f"It became batch {pk}, which has its results."
            return _Told(f"{name} was scored", detail, reverse("batch", args=[pk]), f"Open batch {pk}")
        case End(Became.TRAINED, name, int(pk)):
            address = reverse("training", args=[pk])
            return _Told(f"{name} was trained on", _training(pk), address, f"Open training {pk}")
        case End(Became.SAVED, name, int(pk)):
            return _saved(name, pk)
        case End(Became.DISCARDED, name, _):
            return _Told(f"{name} was discarded", "Nothing of it was saved.")
    return _Told(
        f"{end.name} is no longer kept",
        f"Nobody used it for {_KEPT[model]}, so it was deleted. Nothing of it was saved.",
    )


def _training(pk: int) -> str:
    run = TrainingRun.objects.filter(pk=pk).only("status", "version").first()
    if run is None or run.version_id is None:
        return f"Its training is number {pk}" + (f", which is {run.status}." if run else ".")
    return f"Training {pk} made version {run.version_id} of it."


def _saved(name: str, pk: int) -> _Told:
    product = Product.objects.filter(pk=pk).first()
    if product is None:
        return _Told(f"The draft of {name} was saved", "Its product is not there any more.")
    detail = f"It is a schema of {product.title} now. To change it again, start its next version."
    return _Told(f"The draft of {name} was saved", detail, address_in(product, "schema"), "Open the schema")
