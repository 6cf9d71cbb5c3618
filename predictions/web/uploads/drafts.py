"""A file before it is used, as its page shows it: how it is read, and what its sender can choose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from ml.errors import place_word
from ml.intake.understanding import Wishes
from ml.schemas.schema import Schema
from predictions.live.products import product_of
from predictions.models import FileDraft
from predictions.services.uploads.readings import wishes_from, wishes_to_json
from predictions.web.posting import create_once_per_form

ASIDE = "-"  # the choice of a heading that is none of the schema's columns
_Draft = TypeVar("_Draft", bound=FileDraft)


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
        return self.column or ASIDE


class FaultLine(NamedTuple):
    """A fault of a row, and the address on the page of the cell where it stands; empty if it is not shown."""

    row: int
    column: str | None
    value: str | None
    expected: str
    cell: str


def cell_address(row: int, place: int) -> str:
    """Return the id of a cell among the first rows; places count from 1."""
    return f"cell-{row}-{place}"


class FileDraftView:
    """A file as its page shows it."""

    ASIDE: str
    ASIDE_HELP: str
    """What becomes of a heading that means no column, in a menu and as a sentence."""

    def __init__(self, draft: FileDraft, schema: Schema) -> None:
        self.draft, self.look = draft, draft.look
        self.schema = schema
        self.columns = [*self._columns()]

    @property
    def place(self) -> str:
        """What the places of the file's rows are called."""
        return place_word(self.draft.name)

    @property
    def suggestions(self) -> list[tuple[str, str, str]]:
        """Columns whose numbers look too large: name, label, and what they would be divided by."""
        numbers = self.look["suggested_per"] | self.look["per"]
        return [(name, self.label(name), f"{number:,.10g}") for name, number in numbers.items()]

    @property
    def divided(self) -> list[str]:
        return [*self.look["per"]]

    @property
    def aside(self) -> list[ColumnChoice]:
        """The headings that mean no column."""
        return [column for column in self.columns if column.column is None]

    @property
    def faults(self) -> list[FaultLine]:
        """The first faults, those of shown cells with a link there: a marked cell may be far to the right."""
        cells = {
            (row["row"], heading["column"]): cell_address(row["row"], place)
            for row in self.look["first_rows"]
            for place, (heading, cell) in enumerate(zip(self.look["columns"], row["cells"], strict=True), 1)
            if cell["fault"]
        }
        return [
            FaultLine(**fault, cell=cells.get((fault["row"], fault["column"]), ""))
            for fault in self.look["faults"]
        ]

    def names(self) -> list[str]:
        """Return the columns that a heading may mean."""
        return [self.schema.id_field, *self.schema.columns]

    def label(self, name: str) -> str:
        """Return the label of a column."""
        feature = self.schema.by_column.get(name)
        return feature.label if feature else name

    def chosen_labels(self, entries: Any) -> dict[str, str]:
        """Return what the sent form says about words of the target; nothing for files without one."""
        return {}

    def _columns(self) -> Iterator[ColumnChoice]:
        options = [(ASIDE, self.ASIDE), *[(name, self.label(name)) for name in self.names()]]
        for place, column in enumerate(self.look["columns"]):
            name = column["column"]
            label = self.label(name) if name else self.ASIDE
            yield ColumnChoice(place, column["heading"], name, column["sure"], label, options)

    def wishes(self, entries: Any) -> Wishes:
        """Return what the sent form chooses, as far as it differs from what the headings say themselves."""
        sheet = entries.get("sheet") or self.draft.wishes.get("sheet")
        columns = {}
        for choice in self.columns if sheet in (None, self.look["sheet"]) else ():
            entry = entries.get(choice.field, choice.chosen)
            if entry != choice.chosen or choice.sure == "chosen":
                columns[choice.heading] = "" if entry == ASIDE else entry
        numbers = self.look["suggested_per"] | self.look["per"]
        return wishes_from(
            {
                "sheet": sheet,
                "decimal": entries.get("decimal"),
                "columns": columns,
                "per": {name: number for name, number in numbers.items() if entries.get(f"per-{name}")},
                "labels": self.chosen_labels(entries) if sheet in (None, self.look["sheet"]) else {},
            }
        )


def own_draft(request: HttpRequest, model: type[_Draft], pk: int) -> _Draft:
    """Return a draft of the user. Raises `Http404` for those of others, and for used and abandoned ones."""
    drafts: Any = model._default_manager
    kept = drafts.exclude(pk__in=drafts.abandoned(timezone.now()).values("pk"))
    found: _Draft = get_object_or_404(kept, owner=request.user.pk, product=product_of(request).pk, pk=pk)
    return found


def use_once(request: HttpRequest, pk: int, use: Callable[[], int]) -> int:
    """Return the id of what a draft becomes, now or when this page was sent before."""
    return create_once_per_form(request, ["draft", pk], use)


def used_before(request: HttpRequest, pk: int) -> int:
    """Return the id of what a draft became when this page was sent before. Raises `Http404`."""

    def never() -> int:
        raise Http404

    return use_once(request, pk, never)


def change_or_use(
    request: HttpRequest,
    view: FileDraftView,
    *,
    change: Callable[[Wishes], None],
    use: Callable[[], HttpResponse] | None,
    show: Callable[[], HttpResponse],
) -> HttpResponse:
    """Use the file as the page showed it. After a correction, show it again first.

    Parameters
    ----------
    change : callable
        Reads the file as the form wishes.
    use : callable or None
        Uses the file; ``None`` if the form only wants to read it again.
    show : callable
        Leads to the page of the file.
    """
    wishes = view.wishes(request.POST)
    if wishes_to_json(wishes) == view.draft.wishes:
        return show() if use is None else use()
    change(wishes)
    if use is not None:
        messages.info(request, "The file is read as you chose now. Check it, then go on.")
    return show()
