"""The pages of a file before it is scored: what was understood, corrected by its sender, and then scored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ml.errors import DatasetError, InvalidValue
from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from predictions.errors import Conflict
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.models import BatchDraft
from predictions.requests.bodies import takes_file
from predictions.roles import SCORE
from predictions.services.batches import drafts
from predictions.services.batches.readings import wishes_from, wishes_to_json
from predictions.web.batches.pages import refused_file
from predictions.web.batches.upload import BatchForm, UploadRefused, receive_draft
from predictions.web.cases.lookup import redirect_after_post
from predictions.web.posting import post_only

CARRY = "-"  # the choice of a heading that is none of the schema's columns


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A heading of the file, and the menu of columns that it may mean."""

    place: int
    heading: str
    column: str | None
    sure: str
    label: str
    options: list[tuple[str, str]]

    @property
    def field(self) -> str:
        return f"column-{self.place}"

    @property
    def chosen(self) -> str:
        return self.column or CARRY


class DraftView:
    """A file as its page shows it."""

    def __init__(self, draft: BatchDraft, schema: Schema) -> None:
        self.draft, self.look = draft, draft.look
        self._schema = schema
        self.columns = [*self._columns()]

    @property
    def can_be_scored(self) -> bool:
        return bool(self.look["ready"] and not self.look["open_cells"] and not self.look["problems"])

    @property
    def all_rows(self) -> int:
        return int(self.look["ready"] + self.look["refused"])

    @property
    def suggestions(self) -> list[tuple[str, str, str]]:
        """Columns whose numbers look too large: name, label, and what they would be divided by."""
        numbers = self.look["suggested_per"] | self.look["per"]
        return [(name, self._label(name), f"{number:,.10g}") for name, number in numbers.items()]

    @property
    def divided(self) -> list[str]:
        return [*self.look["per"]]

    def _columns(self) -> Iterator[ColumnChoice]:
        names = [self._schema.id_field, *self._schema.columns]
        options = [(CARRY, "carried along"), *[(name, self._label(name)) for name in names]]
        for place, column in enumerate(self.look["columns"]):
            name = column["column"]
            label = self._label(name) if name else "carried along"
            yield ColumnChoice(place, column["heading"], name, column["sure"], label, options)

    def _label(self, name: str) -> str:
        feature = self._schema.by_column.get(name)
        return feature.label if feature else name

    def wishes(self, entries: Any) -> Wishes:
        """Return what the sent form chooses, as far as it differs from what the headings say themselves."""
        sheet = entries.get("sheet") or self.draft.wishes.get("sheet")
        columns = {}
        for choice in self.columns if sheet in (None, self.look["sheet"]) else ():
            entry = entries.get(choice.field, choice.chosen)
            if entry != choice.chosen or choice.sure == "chosen":
                columns[choice.heading] = "" if entry == CARRY else entry
        numbers = self.look["suggested_per"] | self.look["per"]
        return wishes_from(
            {
                "sheet": sheet,
                "decimal": entries.get("decimal"),
                "columns": columns,
                "per": {name: number for name, number in numbers.items() if entries.get(f"per-{name}")},
            }
        )


@takes_file(SCORE)
@post_only("batches")
@login_required
@permission_required(SCORE, raise_exception=True)
def draft_create(request: HttpRequest) -> HttpResponse:
    """Receive a file, and lead to the page that shows what was understood."""
    form = BatchForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused_file(request, form)
    try:
        queue = not form.cleaned_data["no_queue"]
        draft = receive_draft(form.cleaned_data["file"], request, queue=queue)
    except UploadRefused as refusal:
        return refused_file(request, BatchForm.refused(refusal.words), refusal)
    return redirect_after_post("batch_draft", draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SCORE, raise_exception=True)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was understood of a file. POST corrects it, scores it, or discards it."""
    found = get_object_or_404(_own(request), pk=pk)
    view = DraftView(found, schema_in_use(product_of(request).pk))
    if request.method != "POST":
        return _page(request, view)
    if "discard" in request.POST:
        drafts.delete_draft(found)
        return redirect("batches")
    try:
        return _change_or_score(request, view)
    except (DatasetError, InvalidValue, Conflict) as error:
        return _page(request, view, error=str(error), status=409 if isinstance(error, Conflict) else 422)


def _change_or_score(request: HttpRequest, view: DraftView) -> HttpResponse:
    """Score the file as the page showed it. After a correction, show it again first."""
    found, wishes = view.draft, view.wishes(request.POST)
    if wishes_to_json(wishes) != found.wishes:
        drafts.change_draft(draft=found, wishes=wishes)
        if "score" in request.POST:
            messages.info(request, "The file is read as you chose now. Check it, then score it.")
        return redirect_after_post("batch_draft", found.pk)
    if "score" not in request.POST:
        return redirect_after_post("batch_draft", found.pk)
    batch = drafts.score_draft(draft=found, by=request.user)
    return redirect_after_post("batch", batch.pk)


def _own(request: HttpRequest) -> Any:
    kept = BatchDraft.objects.exclude(pk__in=BatchDraft.objects.abandoned(timezone.now()).values("pk"))
    return kept.filter(owner=request.user.pk, product=product_of(request).pk)


def _page(request: HttpRequest, view: DraftView, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"view": view, "draft": view.draft, "look": view.look, "error": error}
    return render(request, "predictions/batches/draft.html", context, status=status)
