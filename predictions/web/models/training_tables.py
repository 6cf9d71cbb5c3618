"""The page of a table before training: what was understood, corrected by its sender, and then trained on."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from ml.errors import DatasetError, InvalidValue
from ml.tables.plausibility import ImplausibleTable
from predictions.errors import Conflict
from predictions.live.products import product_of
from predictions.live.schemas import newest_schema_of
from predictions.models import TrainingDraft
from predictions.roles import ACTIVATE
from predictions.services.uploads.drafts import delete_draft
from predictions.services.uploads.looks import Look
from predictions.services.versions import training_drafts
from predictions.web.cases.lookup import redirect_after_post
from predictions.web.posting import new_token
from predictions.web.uploads.drafts import (
    ASIDE,
    FileDraftView,
    change_or_use,
    own_draft,
    use_once,
    used_before,
)
from predictions.web.uploads.ended import tells_its_end

_UNITS = "A unit looks wrong. Tick the column below if its values are correct; otherwise correct the file."


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """A word of the target's column, with the menu of outcomes that it may mean if nobody knows."""

    field: str
    word: str
    rows: int
    meaning: str | None
    side: str
    asked: bool

    @property
    def chosen(self) -> str:
        return {None: "", "": ASIDE}.get(self.meaning, self.meaning or "")


class TrainingDraftView(FileDraftView):
    """A training table as its page shows it."""

    ASIDE = "left aside"
    ASIDE_HELP = "Headings without a column are left aside: no model reads them."

    @property
    def can_be_trained(self) -> bool:
        look = self.look
        return bool(look["ready"]) and not (look["problems"] or look["open_cells"])

    @property
    def all_rows(self) -> int:
        return int(self.look["ready"] + self.look["refused"] + self.look["left_out"])

    @property
    def outcomes(self) -> list[OutcomeChoice]:
        return [*self._outcomes()]

    @property
    def unknown_words(self) -> bool:
        return any(outcome.meaning is None for outcome in self.outcomes)

    @property
    def outcome_options(self) -> list[tuple[str, str]]:
        values = [(value, f"{value}: {side}") for value, side in self._sides().items()]
        return [("", "Choose …"), *values, (ASIDE, "Leave these rows out")]

    @property
    def unusual_columns(self) -> list[str]:
        return [column["column"] for column in self.look["unusual"]]

    def names(self) -> list[str]:
        return [*super().names(), self.schema.target.column]

    def chosen_labels(self, entries: Any) -> dict[str, str]:
        sent = {o.word: entries.get(o.field, o.chosen) for o in self.outcomes if o.asked}
        return {word: "" if entry == ASIDE else entry for word, entry in sent.items() if entry}

    def _sides(self) -> dict[str, str]:
        return {value: "good" if code else "bad" for value, code in self.schema.target.codes.items()}

    def _outcomes(self) -> Iterator[OutcomeChoice]:
        chosen, sides = self.draft.wishes.get("labels", {}), self._sides()
        for place, outcome in enumerate(self.look["outcomes"]):
            word, meaning = outcome["word"], outcome["meaning"]
            asked = meaning is None or word in chosen
            side = sides.get(meaning or "", "")
            yield OutcomeChoice(f"label-{place}", word, outcome["rows"], meaning, side, asked)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(ACTIVATE, raise_exception=True)
@tells_its_end(TrainingDraft)
def training_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was understood of a table. POST corrects it, trains on it, or discards it."""
    try:
        found = own_draft(request, TrainingDraft, pk)
    except Http404:
        return redirect_after_post("training", used_before(request, pk))
    view = TrainingDraftView(found, newest_schema_of(product_of(request).pk))
    if request.method != "POST":
        return _page(request, view)
    if "discard" in request.POST:
        delete_draft(found)
        return redirect("trainings")
    try:
        return _change_or_train(request, found, view)
    except ImplausibleTable:
        return _page(request, view, error=_UNITS, status=422)
    except (DatasetError, InvalidValue, Conflict) as error:
        return _page(request, view, error=str(error), status=409 if isinstance(error, Conflict) else 422)


def _change_or_train(request: HttpRequest, found: TrainingDraft, view: TrainingDraftView) -> HttpResponse:
    def train() -> HttpResponse:
        ticked = set(request.POST.getlist("confirm")).intersection(view.unusual_columns)
        train = partial(
            training_drafts.train_draft,
            draft=found,
            by=request.user,
            confirmed=ticked,
            leave_refused_out="leave_refused_out" in request.POST,
        )
        return redirect_after_post("training", use_once(request, found.pk, lambda: train().pk))

    return change_or_use(
        request,
        view,
        change=lambda wishes: training_drafts.change_draft(draft=found, wishes=wishes),
        use=train if "train" in request.POST else None,
        show=lambda: _show_again(request, view),
    )


def _show_again(request: HttpRequest, view: TrainingDraftView) -> HttpResponse:
    """Lead to the page, with the ticks of columns that are still read as they were when ticked."""
    look = TrainingDraft.objects.filter(pk=view.draft.pk).values_list("look", flat=True).first() or view.look
    ticked = request.POST.getlist("confirm")
    kept = [("confirm", name) for name in ticked if _reading(look, name) == _reading(view.look, name)]
    page = resolve_url("training_draft", view.draft.pk)
    return redirect_after_post(f"{page}?{urlencode(kept)}" if kept else page)


def _reading(look: Look, column: str) -> tuple[Any, ...]:
    """Return what the values of a column follow from."""
    headings = [each["heading"] for each in look["columns"] if each["column"] == column]
    return look["sheet"], look["decimal"], look["per"].get(column), headings


def _page(
    request: HttpRequest, view: TrainingDraftView, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "view": view,
        "draft": view.draft,
        "look": view.look,
        "target": view.schema.target,
        "error": error,
        "form_token": new_token(),
        "leave_refused_out": "leave_refused_out" in request.POST,
        "ticked": (request.POST if request.method == "POST" else request.GET).getlist("confirm"),
    }
    return render(request, "predictions/training/training_draft.html", context, status=status)
