"""Show how a file is read before anything of it is stored."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ml.applications.number_texts import is_decimal
from ml.applications.plausibility import RemarkFinder, Remarks
from ml.applications.spellings import from_text, loan_id_from_text
from ml.applications.types import Value
from ml.errors import DatasetFault, InvalidValue, place_word
from ml.intake.rows import Cell
from ml.intake.survey import HEAD_ROWS, has_numbers
from ml.intake.understanding import Understanding
from ml.schemas.schema import Schema
from ml.tables.block_reader import BlockReader
from ml.tables.csv_stream import AnyBlock, CsvStream
from ml.tables.labels import Labels
from ml.tables.repeats import RepeatedLoanIds, repeated_expectation
from ml.tables.row_faults import cell_text
from ml.tables.safe_csv import unescape_formula

_MOST_FAULTS = 20

CellNotes = Mapping[tuple[int, str | None], str]
"""Sentences about cells, by line and column."""


class PreviewCell(NamedTuple):
    """A cell as it stands in the file.

    It has words for its value where the text does not say it, and sentences about its fault and its remarks.
    """

    text: str
    words: str = ""
    fault: str = ""
    remark: str = ""


class PreviewRow(NamedTuple):
    """A row of a file: its line or row number, and a cell for each of `Understanding.columns`."""

    line: int
    cells: Sequence[PreviewCell]


class Preview(NamedTuple):
    """How a file is read.

    Attributes
    ----------
    good, remarked, refused : int
        Rows without a remark, rows with one, and rows that break a rule.
    repeated : int
        Rows among the first two whose ID another row of the file has; they are refused as well.
    rows : list of PreviewRow
        The first rows.
    faults : list of DatasetFault
        The first faults.
    """

    good: int
    remarked: int
    refused: int
    repeated: int
    rows: Sequence[PreviewRow]
    faults: Sequence[DatasetFault]


def preview(
    schema: Schema, understanding: Understanding, plain: Path, remarks: RemarkFinder | None = None
) -> Preview:
    """Read a plain file and count its rows.

    Parameters
    ----------
    plain : Path
        What `ml.intake.plain_file.write_plain` wrote, or the file itself if `Understanding.is_plain`.
    remarks : RemarkFinder, optional
        Finds the remarks to count; those of the schema alone if ``None``.

    Raises
    ------
    DatasetError
        If the file as a whole cannot be read, for example because a required column is missing.
    """
    find_remarks, read_block = remarks or RemarkFinder(schema), BlockReader(schema)
    good = remarked = refused = 0
    repeats = RepeatedLoanIds()
    faults: list[DatasetFault] = []
    names: Sequence[str] = ()
    first: list[Sequence[str]] = []
    remarks_of_cells: CellNotes = {}
    with plain.open("rb") as file:
        for block in CsvStream(schema, understanding.name, file).blocks():
            checked = read_block(block)
            repeats.add(checked.lines, checked.loan_ids)
            found = find_remarks(checked.columns) if len(checked.loan_ids) else {}
            if not first:
                names, first = [*block.names], [*first_cells([block])]
                remarks_of_cells = cell_remarks(checked.lines, found)
            good += len(checked.loan_ids) - len(found)
            remarked += len(found)
            refused += len(checked.refused)
            new = itertools.chain.from_iterable(row.faults for row in checked.refused)
            faults += itertools.islice(new, _MOST_FAULTS - len(faults))
    pairs = repeats.pairs()
    repeated = _repeated_ids(understanding, pairs[:_MOST_FAULTS].tolist())
    rows = first_rows(understanding, names, first, remarks_of_cells, cell_faults(repeated))
    faults = sorted([*faults, *repeated], key=lambda fault: fault.line)[:_MOST_FAULTS]
    return Preview(good, remarked, refused, len(pairs), rows, as_written(understanding, faults))


def cell_remarks(lines: Sequence[int], remarks: Mapping[int, Remarks]) -> CellNotes:
    """Return the remarks about cells of the first rows.

    Parameters
    ----------
    lines : sequence of int
        The lines of the rows that have no fault.
    remarks
        Remarks by their places among these rows.
    """
    notes: dict[tuple[int, str | None], str] = {}
    for row in range(HEAD_ROWS):
        for remark in remarks.get(row, ()):
            cell = lines[row], remark["attr"]
            notes[cell] = f"{notes.get(cell, '')} {remark['detail']}".lstrip()
    return notes


def cell_faults(faults: Iterable[DatasetFault]) -> CellNotes:
    """Return faults by their cells."""
    return {(fault.line, fault.column): fault.expected for fault in faults}


def as_written(understanding: Understanding, faults: Sequence[DatasetFault]) -> list[DatasetFault]:
    """Return faults with the texts of the file: the plain file has other ones for its numbers."""
    schema, columns = understanding.schema, understanding.columns
    places = {h.column: h.place for h in columns if h.column and has_numbers(schema, h.column)}
    lines = {fault.line for fault in faults if fault.value and fault.column in places}
    rows = {} if understanding.is_plain or not lines else _rows_at(lines, understanding)
    return [
        _with_text(fault, rows[fault.line][places[fault.column]])
        if fault.value and fault.line in rows and fault.column in places
        else fault
        for fault in faults
    ]


def _with_text(fault: DatasetFault, cell: Cell) -> DatasetFault:
    if not isinstance(cell, str):
        return fault
    text = unescape_formula(" ".join(cell.splitlines()).strip())
    return replace(fault, value=cell_text(text))


def _rows_at(lines: Set[int], understanding: Understanding) -> dict[int, Sequence[Cell]]:
    found: dict[int, Sequence[Cell]] = {}
    for block in understanding.blocks():
        if not lines.isdisjoint(block.lines):
            found |= {line: cells for line, cells in block.rows() if line in lines}
        if len(found) == len(lines):
            break
    return found


def _repeated_ids(understanding: Understanding, pairs: Iterable[tuple[int, int]]) -> list[DatasetFault]:
    place, column = place_word(understanding.name), understanding.schema.id_field
    return [DatasetFault(line, column, None, repeated_expectation(place, other)) for line, other in pairs]


def first_cells(blocks: Iterable[AnyBlock]) -> Iterator[Sequence[str]]:
    """Yield the cells of the first rows of a plain file."""
    rows = (zip(*(block.columns[name] for name in block.names), strict=True) for block in blocks)
    return itertools.islice(itertools.chain.from_iterable(rows), HEAD_ROWS)


def first_rows(
    understanding: Understanding,
    names: Sequence[str],
    plain: Iterable[Sequence[str]],
    remarks: CellNotes,
    faults: CellNotes,
) -> list[PreviewRow]:
    """Return the first rows of a file.

    Parameters
    ----------
    names, plain
        The columns of the plain file and its first rows, in the order of `Understanding.columns`.
    remarks, faults
        Remarks, and those faults that a cell does not show by itself.
    """
    return [
        PreviewRow(
            line,
            [
                _noted(
                    _cell(understanding, name, cells[heading.place], text),
                    faults.get((line, name), ""),
                    remarks.get((line, name), ""),
                )
                for heading, name, text in zip(understanding.columns, names, plain_row, strict=True)
            ],
        )
        for (line, cells), plain_row in zip(understanding.head, plain, strict=False)
    ]


def _noted(cell: PreviewCell, fault: str, remark: str) -> PreviewCell:
    return cell._replace(fault=cell.fault or fault, remark=remark) if fault or remark else cell


def _cell(understanding: Understanding, name: str, cell: Cell, plain: str) -> PreviewCell:
    schema, labels = understanding.schema, understanding.labels
    text = cell if isinstance(cell, str) else plain
    try:
        if labels is not None and name == schema.target.column:
            return _label_cell(labels, text, plain)
        if name == schema.id_field:
            loan_id_from_text(plain)
            return PreviewCell(text)
        if name not in schema.by_column:
            return PreviewCell(text)
        feature = schema.by_column[name]
        value = from_text(feature, plain)
    except InvalidValue as error:
        return PreviewCell(text, fault=error.detail)
    if value is None or value == text.strip() or (not feature.choices and _is_written(value, text)):
        return PreviewCell(text)
    return PreviewCell(text, feature.value_text(value))


def _label_cell(labels: Labels, text: str, plain: str) -> PreviewCell:
    label = labels.read(plain)
    if labels.leaves_out(label):
        return PreviewCell(text, "left out")
    if not labels.knows(label):
        return PreviewCell(text, fault=f"One of {labels.words()} is expected.")
    return PreviewCell(text, "" if label == text.strip() else label)


def _is_written(value: Value, text: str) -> bool:
    """Return True if the text is the number itself, so that no words are needed."""
    return is_decimal(text.strip()) and float(text) == value
