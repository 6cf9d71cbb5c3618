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
from predictions.models.querysets import AnyUser
from predictions.models.ranking import ALL
from predictions.reading import keyset
from predictions.reading.blocks.codes import visible_codes
from predictions.reading.blocks.finding import first_in_blocks
from predictions.reading.causes import CauseCounts, count_causes
from predictions.reading.filters import PredictionRows, annotate_decision, read_choice
from predictions.reading.keyset import Key, SortOrder, key_of
from predictions.reading.rankings import BY_PROBABILITY, first_by_probability
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
    def of(cls, listed: "HistoryList", position: PagePosition) -> Self:
        """Return the page of a list at `position`."""
        form = listed.form
        predictions, has_previous, has_next = listed.page_at(position)
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


class HistoryList(NamedTuple):
    """The list that a page is a part of, and what the user may see of the product."""

    form: HistoryForm
    visible: PredictionRows
    product: Product
    user: AnyUser

    def page_at(self, position: PagePosition) -> tuple[list[Prediction], bool, bool]:
        """Return a page of predictions, and whether there is a previous and a next page."""
        order = self.form.sort.order
        if position.before is not None:
            preceding = self._one_more(order.reverse, position.before)
            return preceding[:PAGE_SIZE][::-1], len(preceding) > PAGE_SIZE, True
        following = self._one_more(order, position.after)
        return following[:PAGE_SIZE], position.after is not None, len(following) > PAGE_SIZE

    def _one_more(self, order: SortOrder, start: int | None) -> list[Prediction]:
        """Return one prediction more than fits on a page, with all that a line shows, in one query."""
        rows, count = self.form.filter(self.visible), PAGE_SIZE + 1
        keys = self._keys(rows, order, start, count)
        if keys is None:
            following = rows if start is None else order.after(rows, start, among=self.visible)
            first = keyset.first_rows(following, order, count)
        else:
            first = order.sort(Prediction.objects.filter(pk__in=keys))
        return list(annotate_decision(first.for_list_pages()))

    def _keys(
        self, rows: PredictionRows, order: SortOrder, start: int | None, count: int
    ) -> list[int] | None:
        """Return the ids of the page where a ranking or blocks have them, else None."""
        key = None if start is None else key_of(self.visible, start, order.field)
        if start is not None and key is None:
            return None
        keys = self._ranked(rows, order, key, count) if order.field == BY_PROBABILITY else None
        if keys is not None:
            return keys
        found = first_in_blocks(
            rows,
            order,
            count,
            filters=[*visible_codes(self.user, self.product), *self.form.codes()],
            start=key,
        )
        return None if found is None else [key.pk for key in found]

    def _ranked(
        self, rows: PredictionRows, order: SortOrder, start: Key | None, count: int
    ) -> list[int] | None:
        return first_by_probability(
            rows if start is None else order.after(rows, start.pk, among=self.visible),
            count,
            product=self.product,
            part=self.form.cleaned_data["outcome"] or ALL,
            descending=order.descending,
            start=start,
        )


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
    context["history"] = HistoryPage.of(HistoryList(form, rows, product_of(request), request.user), position)
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
