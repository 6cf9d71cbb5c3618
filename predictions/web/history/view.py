"""A page of the history: its lines, what it shows in words, and the addresses that lead on from it."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from django.utils.formats import date_format

from predictions.models import Prediction
from predictions.reading import keyset
from predictions.reading.filters import PredictionRows, annotate_decision
from predictions.reading.keyset import SortOrder
from predictions.web.history.forms import HistoryForm
from predictions.web.presentation import PredictionLine

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Where in the list a page is: behind a key, before one, or at the beginning."""

    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter in words, and the address of the page without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Addresses are queries, such as ``?outcome=denied&after=77``; none where nothing lies there."""

    lines: list[PredictionLine]
    chips: list[FilterChip]
    order_words: str
    all_of_it: str
    first: str | None
    previous: str | None
    next: str | None

    @classmethod
    def of(cls, form: HistoryForm, rows: PredictionRows, place: PagePosition) -> Self:
        """Return the page at `place` of what the form leaves of `rows`, all that the user may see."""
        found, earlier, later = _found(rows, form, place)
        entries = form.entries()
        return cls(
            lines=[PredictionLine.of(prediction) for prediction in found],
            chips=[FilterChip(words, form.address(without=name)) for name, words in _words(form)],
            order_words=dict(form.fields["sort"].widget.choices)[entries.get("sort", keyset.NEWEST)].lower(),
            all_of_it=form.address(),
            first=form.address() if place != PagePosition() else None,
            previous=form.address(before=found[0].pk) if found and earlier else None,
            next=form.address(after=found[-1].pk) if found and later else None,
        )


def _found(
    visible: PredictionRows, form: HistoryForm, place: PagePosition
) -> tuple[list[Prediction], bool, bool]:
    """Return a page of predictions, and whether others lie before and behind it."""
    rows, order = form.narrow(visible), form.order
    if place.before is not None:
        found = _listed(order.reverse.after(rows, place.before, among=visible), order.reverse)
        return found[:PAGE_SIZE][::-1], len(found) > PAGE_SIZE, True
    if place.after is not None:
        rows = order.after(rows, place.after, among=visible)
    found = _listed(rows, order)
    return found[:PAGE_SIZE], place.after is not None, len(found) > PAGE_SIZE


def _listed(rows: PredictionRows, order: SortOrder) -> list[Prediction]:
    """Return one more than a page holds, with what a line shows, in one query."""
    return list(annotate_decision(keyset.first_rows(rows, order, PAGE_SIZE + 1).for_list_pages()))


_WORDS = {
    "loan_id": "Loan ID begins with {}",
    "outcome": "Outcome: {}",
    "decision": "Decision: {}",
    "override": "Decided {}",
    "version": "Version {}",
    "source": "Source: {}",
    "officer": "Scored by {}",
    "since": "From {}",
    "until": "Until {}",
    "probability_min": "Probability from {} %",
    "probability_max": "Probability up to {} %",
}


def _words(form: HistoryForm) -> list[tuple[str, str]]:
    """Say each filter in words."""
    entries = form.entries()
    words = _WORDS | ({"loan_id": "Loan ID {}"} if "exact" in entries else {})
    return [
        (name, words[name].format(_shown(form, name, entries[name]))) for name in words if name in entries
    ]


def _shown(form: HistoryForm, name: str, entry: str) -> str:
    value = form.cleaned_data[name]
    if isinstance(value, date):
        return date_format(value, "j M Y")
    choices = dict(getattr(form.fields[name].widget, "choices", ()))
    label = str(choices.get(entry, entry))
    return label if name in ("outcome", "source") or not choices else label.lower()
