"""A row of a spreadsheet that is pasted into the form of an application. Nothing is stored."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ml.applications.number_texts import Convention, evidence, is_open
from ml.applications.spellings import loan_id_from_text, read_spelling
from ml.applications.types import Value
from ml.applications.values import show_value
from ml.errors import InvalidValue
from ml.intake.conventions import number_in
from ml.intake.headings import Headings
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import LOAN_ID, Schema
from predictions.live.active_model import schema_in_use
from predictions.live.products import product_of
from predictions.roles import SCORE
from predictions.web.entries import entry_of
from predictions.web.posting import post_only

LONGEST = 20_000  # characters of a pasted row
MOST_NAMED = 8
ID_FIELD = "loan_id"


class UnreadablePaste(Exception):
    """A pasted text is no row of an application. The message says what to copy."""


@dataclass(slots=True)
class Pasted:
    """The entries of a pasted row, by field of the form, and what must be told about its cells.

    `decided` has the numbers with two meanings whose decimal mark other cells decided, in words.
    """

    schema: Schema
    convention: Convention
    entries: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    read: int = 0  # values that are filled in

    @property
    def has_comma(self) -> bool:
        """Whether the numbers were read with a decimal comma."""
        return self.convention is Convention.COMMA

    @property
    def untouched(self) -> list[str]:
        """Labels of the fields that the row has no cell for."""
        return [feature.label for feature in self.schema.features if feature.name not in self.entries]

    def add(self, column: str, cell: str) -> None:
        """Enter a cell. What cannot be read is entered as it is, if the field takes it, and told."""
        feature = self.schema.by_column.get(column)
        name, label = (feature.name, feature.label) if feature else (ID_FIELD, "Loan ID")
        try:
            self.entries[name] = _entry(feature, cell, self.convention)
        except InvalidValue as error:
            self.entries[name] = "" if feature and feature.choices else cell.strip()
            self.refused.append(f"{label}: {error.detail}")
            return
        self.read += bool(self.entries[name])
        is_proven = self.convention is not Convention.PAGE
        if is_proven and feature and feature.kind is Kind.NUMBER and is_open(number_in(cell)):
            self.decided.append(f"{label}: {cell.strip()} was read as {self.entries[name]}")


@post_only("score")
@login_required
@permission_required(SCORE, raise_exception=True)
def score_paste(request: HttpRequest) -> HttpResponse:
    """Read a pasted row and return the entries of the form, with a summary of them."""
    try:
        pasted = read_pasted(schema_in_use(product_of(request).pk), request.POST.get("pasted", ""))
    except UnreadablePaste as error:
        return render(request, "predictions/typed/_pasted.html", {"problem": str(error)}, status=422)
    return render(request, "predictions/typed/_pasted.html", {"pasted": pasted})


def read_pasted(schema: Schema, text: str) -> Pasted:
    """Read one row, with or without a row of headings above it. Raises `UnreadablePaste`."""
    rows = _rows(text)
    if len(rows) > 2:
        detail = f"{len(rows)} rows were pasted, and the form takes one. To score many, upload a file."
        raise UnreadablePaste(detail)
    columns = _columns_of(schema, rows[0])
    if len(rows) == 2:
        return _by_headings(schema, rows[0], columns, rows[1])
    if all(columns):
        raise UnreadablePaste("Only headings were pasted. Copy the row of values with them.")
    return _by_place(schema, rows[0])


def _rows(text: str) -> list[list[str]]:
    if len(text) > LONGEST:
        raise UnreadablePaste(f"{len(text):,} characters were pasted; a row has at most {LONGEST:,}.")
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True), delimiter="\t") if any(row)]
    except csv.Error:
        rows = []
    if not rows:
        raise UnreadablePaste("No row of cells was pasted. Copy one row of a spreadsheet.")
    return rows


def _columns_of(schema: Schema, headings: Sequence[str]) -> list[str | None]:
    """Return the column that each heading names, as in files; that of the target has no field."""
    fields = {schema.id_field: LOAN_ID, LOAN_ID: LOAN_ID} | {column: column for column in schema.columns}
    return [fields.get(column or "") for column in Headings(schema).columns(headings)]


def _by_headings(
    schema: Schema, headings: Sequence[str], columns: Sequence[str | None], cells: Sequence[str]
) -> Pasted:
    named = [column for column in columns if column]
    if not named:
        first = show_value(headings[0])
        raise UnreadablePaste(f"Two rows were pasted, and the first has no heading of a field: {first}.")
    if twice := next((column for column in named if named.count(column) > 1), None):
        raise UnreadablePaste(f"Two headings name {twice}. Copy one of these columns.")
    pasted = Pasted(schema, _convention_of(cells))
    for place, (heading, column) in enumerate(zip(headings, columns, strict=True)):
        if column:
            pasted.add(column, cells[place] if place < len(cells) else "")
        elif heading.strip():
            pasted.unused.append(heading.strip())
    return pasted


def _by_place(schema: Schema, cells: Sequence[str]) -> Pasted:
    """Read cells in the order of the schema, with or without the Loan ID before them."""
    columns = [LOAN_ID, *schema.columns] if len(cells) == len(schema.columns) + 1 else [*schema.columns]
    if len(cells) != len(columns):
        raise UnreadablePaste(_expected(schema, len(cells)))
    pasted = Pasted(schema, _convention_of(cells))
    for column, cell in zip(columns, cells, strict=True):
        pasted.add(column, cell)
    return pasted


def _expected(schema: Schema, count: int) -> str:
    number = len(schema.columns)
    order = ", ".join(schema.columns[:MOST_NAMED])
    more = f" and {number - MOST_NAMED} more" if number > MOST_NAMED else ""
    return (
        f"{count} cells were pasted without headings; {number} are expected ({order}{more}), or {number + 1} "
        "with the Loan ID first. Copy the row with its headings."
    )


def _convention_of(cells: Sequence[str]) -> Convention:
    """Return the convention that the cells of a row prove together; that of the page if they do not."""
    proven = {mark for cell in cells if (mark := evidence(cell.strip()))}
    return proven.pop() if len(proven) == 1 else Convention.PAGE


def _entry(feature: Feature | None, cell: str, convention: Convention) -> str:
    """Return the entry of a form that means a cell, which is in the units of files. Raises `InvalidValue`."""
    if feature is None:
        return loan_id_from_text(cell) or ""
    value: Value = read_spelling(feature, cell, convention).value if cell.strip() else None
    return entry_of(feature, value)
