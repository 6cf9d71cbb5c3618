"""Draft a schema from a lender's table; it trains as it stands, and a person edits it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import PurePath
from typing import Any

import numpy as np

from ml.applications.records import fold
from ml.applications.types import Ints
from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault
from ml.schemas.draft.columns import ColumnDraft, draft_column, plain_column
from ml.schemas.draft.formats import format_of
from ml.schemas.draft.ids import find_id, identifying_note
from ml.schemas.draft.names import Names, check_headings
from ml.schemas.draft.table import DraftTable, read_table
from ml.schemas.draft.target import DraftTarget, TargetColumn, draft_meaning, draft_target
from ml.schemas.draft.words import amount_rank, term_rank
from ml.schemas.features import label_of
from ml.schemas.names import MAX_NAME_BYTES, is_column_name, product_name_of
from ml.schemas.toml_writer import schema_toml


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted schema.

    Attributes
    ----------
    facts : dict
        The values of the TOML file, for `ml.schemas.toml.schema_from_facts`.
    columns : tuple of ColumnDraft
        Every column of the table in its order, with what it says alone and notes.
    notes : tuple of str
        What a person should look at that is about no single column.
    rows, good_rows, bad_rows : int
        Rows of the table, and those of each outcome.
    """

    facts: dict[str, Any]
    columns: tuple[ColumnDraft, ...]
    notes: tuple[str, ...]
    rows: int
    good_rows: int
    bad_rows: int

    def questions(self) -> list[str]:
        """Return what a person should look at: notes, each with its column."""
        noted = (f"{column.heading}: {note}" for column in self.columns for note in column.notes)
        return [*self.notes, *noted]

    def toml(self) -> str:
        """Return the text of the TOML file, with the notes as comments."""
        notes = {column.name: column.notes for column in self.columns if column.facts}
        head = [
            f"Not in this schema: {c.heading!r}. {' '.join(c.notes)}"
            for c in self.columns
            if c.role == "left_out"
        ]
        return schema_toml(self.facts, notes | {"": self.notes}, head)


def draft_schema(
    name: str,
    content: bytes | Iterable[Sequence[str]],
    target: str,
    good: Sequence[str] = (),
    *,
    leave_out: Sequence[str] = (),
    product: str = "",
    title: str = "",
) -> Draft:
    """Draft a schema from a table of decided applications.

    Every column is optional in the draft, since an application without a value is scored, but one without a
    required value is refused. Numbers with few values stay numbers unless their heading says that they are
    codes.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    content : bytes or iterable of sequences of str
        A CSV file, or rows of cells, the heading first.
    target : str
        Heading of the outcome.
    good : sequence of str
        Values of the target that are good; all others are bad. Empty: known words decide.
    leave_out : sequence of str
        Values of the target whose rows are not trained on.
    product, title : str
        Name in addresses and on pages; made from the file's name if empty.

    Returns
    -------
    Draft

    Raises
    ------
    DatasetError
        If the table cannot be used, or if it is not known which values are good.
    """
    table = read_table(name, content)
    check_headings(name, table.headings)
    place = _target_place(name, table.headings, target)
    heading = table.headings[place]
    drafted, sides = _outcome(name, table, place, good, leave_out)
    _check_commas(name, table, place)
    id_place = find_id(name, table, place)
    columns = _columns(table, place, id_place, sides)
    if not any(column.role == "input" and not column.facts.get("protected") for column in columns):
        raise _fault(name, None, _nothing_left(columns))
    stem = PurePath(name).stem
    asked = _asked_for(columns)
    facts = {
        "name": product or product_name_of(stem) or "product",
        "title": title or label_of(stem),
        **{key: column.name for key, column in asked.items()},
        "id": {"column": table.headings[id_place]} if id_place is not None else {"made": True},
        "target": _target_facts(heading, drafted),
        "column": [column.facts for column in columns if column.facts],
    }
    return Draft(
        facts=facts,
        columns=columns,
        notes=(*drafted.notes, *_id_notes(columns), *_asked_notes(asked)),
        rows=table.rows,
        good_rows=int((sides == 1).sum()),
        bad_rows=int((sides == 0).sum()),
    )


def _fault(name: str, column: str | None, expected: str) -> DatasetError:
    return DatasetError(name, [DatasetFault(1, column, None, expected)])


def _nothing_left(columns: Sequence[ColumnDraft]) -> str:
    reasons = [f"{column.heading}: {' '.join(column.notes)}" for column in columns if column.notes]
    return " ".join(["no column is left that a model could read.", *reasons])


def _target_place(name: str, headings: Sequence[str], target: str) -> int:
    """Return the place of the target's heading; its spelling counts as little as that of other headings."""
    places = [place for place, heading in enumerate(headings) if fold(heading) == fold(target)]
    if not target.strip() or not places:
        raise _fault(
            name,
            None,
            f"{show_value(target)} is no column; the columns are {', '.join(map(show_value, headings))}",
        )
    heading = headings[places[0]]
    if not is_column_name(heading):
        expected = (
            f"the target needs a name of at most {MAX_NAME_BYTES} bytes, printable and without back-tick"
        )
        raise _fault(name, heading, expected)
    return places[0]


def _outcome(
    name: str, table: DraftTable, place: int, good: Sequence[str], leave_out: Sequence[str]
) -> tuple[DraftTarget, Ints]:
    """Return which values of the target are good, and for each row 1 good, 0 bad or -1 left out."""
    cells, heading = table.cells[place], table.headings[place]
    if cells.many:
        raise _fault(
            name, heading, f"a target has two kinds of values, not {cells.distinct:,} different ones"
        )
    rows_of = np.bincount(cells.codes, minlength=len(cells.by_code)).tolist()
    counts = dict(
        sorted((text, rows) for text, rows in zip(cells.by_code, rows_of, strict=True) if text is not None)
    )
    column = TargetColumn(name, heading, counts, cells.gap_texts)
    drafted = draft_target(column, good, leave_out)
    sides = [1 if text in drafted.good else 0 if text in drafted.bad else -1 for text in cells.by_code]
    return drafted, np.array(sides)[cells.codes]


def _target_facts(heading: str, drafted: DraftTarget) -> dict[str, Any]:
    facts: dict[str, Any] = {"column": heading, "good": list(drafted.good), "bad": list(drafted.bad)}
    if drafted.leave_out:
        facts["leave_out"] = list(drafted.leave_out)
    return facts | {"means": draft_meaning(heading, drafted.good), "means_confirmed": False}


def _check_commas(name: str, table: DraftTable, target: int) -> None:
    """Refuse numbers with a comma: whether it parts decimals or thousands is for a person to say."""
    faults = []
    for place, (heading, cells) in enumerate(zip(table.headings, table.cells, strict=True)):
        look, count = format_of(cells.texts) if place != target else (None, 0)
        if look == "comma" and 2 * count >= sum(cells.texts.values()):
            example = next(text for text in cells.texts if "," in text)
            faults.append(DatasetFault(1, heading, example, _PLAIN_NUMBERS))
    if faults:
        raise DatasetError(name, faults)


_PLAIN_NUMBERS = "plain numbers such as 1234.5 are expected; save the table without commas in numbers"


def _columns(table: DraftTable, target: int, id_place: int | None, sides: Ints) -> tuple[ColumnDraft, ...]:
    """Draft every column in the table's order."""
    fixed = [table.headings[place] for place in (target, id_place) if place is not None]
    names = Names(fixed)
    known = sides >= 0
    good = sides[known] == 1
    columns = []
    for place, (heading, cells) in enumerate(zip(table.headings, table.cells, strict=True)):
        if place in (target, id_place):
            columns.append(plain_column(heading, "target" if place == target else "id", cells))
        elif not fold(heading):
            columns.append(plain_column(heading, "left_out", cells, ["It has no heading."]))
        elif note := identifying_note(heading, cells, table.rows):
            columns.append(plain_column(heading, "left_out", cells, [note]))
        else:
            name, notes = names.name_of(heading)
            columns.append(draft_column(heading, name, cells, known=known, good=good, notes=notes))
    return tuple(columns)


def _id_notes(columns: Sequence[ColumnDraft]) -> list[str]:
    found = [column.heading for column in columns if column.role == "id"]
    if found:
        return [f"{found[0]!r} is taken as the application's ID."]
    return ["No column is an application's ID, so the site makes one."]


def _asked_for(columns: Sequence[ColumnDraft]) -> dict[str, ColumnDraft]:
    """Return the columns whose headings name the amount and the term that are asked for."""
    plain = [c for c in columns if c.role == "input" and _is_plain_number(c.facts)]
    found: dict[str, ColumnDraft] = {}
    for key, rank in (("term", term_rank), ("amount", amount_rank)):  # `Loan_Amount_Term` is the term
        ranked = [(rank(column.heading), column) for column in plain if column not in found.values()]
        best, column = max(ranked, key=itemgetter(0), default=(0, None))
        if best and column is not None:
            found[key] = column
    return dict(sorted(found.items()))


def _is_plain_number(facts: Mapping[str, Any]) -> bool:
    return facts["kind"] == "number" and not facts.get("choices") and not facts.get("protected")


def _asked_notes(asked: Mapping[str, ColumnDraft]) -> list[str]:
    return [f"{column.heading!r} is taken as the {key} asked for." for key, column in asked.items()]
