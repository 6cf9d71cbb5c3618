"""The history of predictions as a page with filters, and as a CSV file."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ml.errors import InvalidValue
from predictions.live.products import product_of
from predictions.models import Prediction, Product
from predictions.models.ranking import ALL
from predictions.reading import keyset
from predictions.reading.causes import CauseCounts, count_causes
from predictions.reading.filters import PredictionRows, annotate_decision, read_choice
from predictions.reading.keyset import SortOrder
from predictions.reading.rankings import BY_PROBABILITY, Key, first_by_probability, key_of
from predictions.requests.streamed_files import csv_reply
from predictions.roles import EXPORT
from predictions.services.cases.history_export import export_history
from predictions.web.cases.lookup import read_row_key, visible_predictions
from predictions.web.history.forms import HistoryForm
from predictions.web.presentation import PredictionLine
from predictions.words.policies import BELOW_THRESHOLD, cause_words

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class PagePosition:
    """The place of a page in the list: after or before a prediction, or at the beginning."""

    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter in words, and the address of the page without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """What the page shows.

    `query` is the query string of the whole list, such as ``?outcome=denied``. `first`, `previous` and `next`
    are the query strings of other pages, such as ``?outcome=denied&after=77``; None if there is no such page.
    """

    lines: list[PredictionLine]
    chips: list[FilterChip]
    sort_words: str
    query: str
    first: str | None
    previous: str | None
    next: str | None

    @classmethod
    def of(cls, form: HistoryForm, rows: PredictionRows, position: PagePosition, product: Product) -> Self:
        """Return the page at `position`; `rows` are all predictions of the product that the user may see."""
        predictions, has_previous, has_next = _page_at(position, rows, form, product)
        return cls(
            lines=[PredictionLine.of(prediction) for prediction in predictions],
            chips=[FilterChip(words, form.query_string(without=name)) for name, words in form.sentences()],
            sort_words=form.sort.label.lower(),
            query=form.query_string(),
            first=form.query_string() if position != PagePosition() else None,
            previous=form.query_string(before=predictions[0].pk) if predictions and has_previous else None,
            next=form.query_string(after=predictions[-1].pk) if predictions and has_next else None,
        )


class CausesSection:
    """The causes of the list, in words."""

    def __init__(self, counts: CauseCounts) -> None:
        self.counts = counts
        self.lines = [(cause_words(code), number) for code, number in counts.by_code]
        if counts.by_probability:
            self.lines.append((cause_words(BELOW_THRESHOLD), counts.by_probability))


def _page_at(
    position: PagePosition, visible: PredictionRows, form: HistoryForm, product: Product
) -> tuple[list[Prediction], bool, bool]:
    """Return a page of predictions, and whether there is a previous and a next page."""
    rows, order = form.filter(visible), form.sort.order
    if position.before is not None:
        before = Following(order.reverse, visible, position.before)
        preceding = _one_more(rows, before, form, product)
        return preceding[:PAGE_SIZE][::-1], len(preceding) > PAGE_SIZE, True
    following = _one_more(rows, Following(order, visible, position.after), form, product)
    return following[:PAGE_SIZE], position.after is not None, len(following) > PAGE_SIZE


class Following(NamedTuple):
    """What a page asks for: the rows that follow a prediction in an order, or the first ones."""

    order: SortOrder
    visible: PredictionRows
    start: int | None

    def of(self, rows: PredictionRows) -> PredictionRows:
        return rows if self.start is None else self.order.after(rows, self.start, among=self.visible)

    @property
    def key(self) -> Key | None:
        return None if self.start is None else key_of(self.visible, self.start)


def _one_more(
    rows: PredictionRows, following: Following, form: HistoryForm, product: Product
) -> list[Prediction]:
    """Return one prediction more than fits on a page, with all that a line shows, in one query."""
    order, rows = following.order, following.of(rows)
    first = keyset.first_rows(rows, order, PAGE_SIZE + 1)
    if order.field == BY_PROBABILITY:
        keys = first_by_probability(
            rows,
            PAGE_SIZE + 1,
            product=product,
            part=form.cleaned_data["outcome"] or ALL,
            descending=order.descending,
            start=following.key,
        )
        if keys is not None:
            first = order.sort(Prediction.objects.filter(pk__in=keys))
    return list(annotate_decision(first.for_list_pages()))


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    rows, form, position = visible_predictions(request), _form(request), _position(request)
    counts = _counts_causes(request)
    context: dict[str, object] = {"form": form}
    if not form.is_valid():
        return render(request, "predictions/history/prediction_list.html", context, status=422)
    if "" in request.GET.values():  # as the form sends it: every field, most of them empty
        return redirect(f"{request.path}{form.query_string()}")
    context["history"] = HistoryPage.of(form, rows, position, product_of(request))
    if counts:  # on request only: it reads many rows
        context["causes"] = CausesSection(count_causes(form.filter(rows)))
    return render(request, "predictions/history/prediction_list.html", context)


@require_safe
@login_required
@permission_required(EXPORT, raise_exception=True)
def history_csv(request: HttpRequest) -> HttpResponseBase:
    """Stream all predictions that the page of the same query lists, as CSV."""
    rows, form = visible_predictions(request), _form(request)
    if not form.is_valid():
        return render(request, "predictions/history/prediction_list.html", {"form": form}, status=422)
    lines = export_history(
        rows=form.filter(rows),
        order=form.sort.order,
        filters=form.parameters(),
        by=request.user,
        product=product_of(request),
    )
    product = product_of(request)
    name = "history.csv" if product.alone else f"history-{product.name}.csv"
    return csv_reply(name, lines)


def _form(request: HttpRequest) -> HistoryForm:
    return HistoryForm(request.GET, request.user)


def _counts_causes(request: HttpRequest) -> bool:
    """Return whether the page is asked to count causes. Raises `BadRequest` for another value than `on`."""
    if "causes" not in request.GET:
        return False
    try:
        return bool(read_choice(["on"])(request.GET["causes"]))
    except InvalidValue as error:
        raise BadRequest(f"causes: {error.detail}") from None


def _position(request: HttpRequest) -> PagePosition:
    """Read after or before which prediction the page starts."""
    keys = {name: read_row_key(request.GET[name]) for name in ("after", "before") if name in request.GET}
    if len(keys) > 1:
        raise BadRequest("Use either “after” or “before”, not both.")
    return PagePosition(**keys)
