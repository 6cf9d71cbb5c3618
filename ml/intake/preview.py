"""Show how a file is read before anything of it is stored."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ml.applications.number_texts import is_decimal
from ml.applications.plausibility import RemarkFinder
from ml.applications.spellings import from_text, loan_id_from_text
from ml.applications.types import Value
from ml.errors import DatasetFault, InvalidValue
from ml.intake.rows import Cell
from ml.intake.survey import HEAD_ROWS
from ml.intake.understanding import Understanding
from ml.schemas.schema import Schema
from ml.tables.block_reader import BlockReader
from ml.tables.csv_stream import AnyBlock, CsvStream
from ml.tables.labels import Labels
from ml.tables.repeats import RepeatedLoanIds

_MOST_FAULTS = 20


class PreviewCell(NamedTuple):
    """A cell as it stands in the file, words for its value where the text does not say it, and its fault."""

    text: str
    words: str = ""
    fault: str = ""


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
    rows: list[PreviewRow] = []
    with plain.open("rb") as file:
        for block in CsvStream(schema, understanding.name, file).blocks():
            if not rows:
                rows = first_rows(understanding, [*block.names], first_cells([block]))
            checked = read_block(block)
            repeats.add(checked.lines, checked.loan_ids)
            with_remark = len(find_remarks(checked.columns)) if len(checked.loan_ids) else 0
            good += len(checked.loan_ids) - with_remark
            remarked += with_remark
            refused += len(checked.refused)
            new = itertools.chain.from_iterable(row.faults for row in checked.refused)
            faults += itertools.islice(new, _MOST_FAULTS - len(faults))
    return Preview(good, remarked, refused, len(repeats.pairs()), rows, faults)


def first_cells(blocks: Iterable[AnyBlock]) -> Iterator[Sequence[str]]:
    """Yield the cells of the first rows of a plain file."""
    rows = (zip(*(block.columns[name] for name in block.names), strict=True) for block in blocks)
    return itertools.islice(itertools.chain.from_iterable(rows), HEAD_ROWS)


def first_rows(
    understanding: Understanding, names: Sequence[str], plain: Iterable[Sequence[str]]
) -> list[PreviewRow]:
    """Return the first rows of a file.

    Parameters
    ----------
    names, plain
        The columns of the plain file and its first rows, in the order of `Understanding.columns`.
    """
    return [
        PreviewRow(
            line,
            [
                _cell(understanding, name, cells[heading.place], text)
                for heading, name, text in zip(understanding.columns, names, plain_row, strict=True)
            ],
        )
        for (line, cells), plain_row in zip(understanding.head, plain, strict=False)
    ]


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
