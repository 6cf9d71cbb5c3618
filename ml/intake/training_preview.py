"""Show how a training table is read before anything of it is stored."""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ml.applications.plausibility import RemarkFinder
from ml.applications.records import columns_of
from ml.errors import DatasetFault
from ml.intake.plain_file import decimal_text
from ml.intake.preview import PreviewRow, as_written, cell_faults, cell_remarks, first_cells, first_rows
from ml.intake.understanding import Understanding
from ml.schemas.schema import Schema
from ml.tables.labels import Labels
from ml.tables.plausibility import UnusualColumn, unusual_columns
from ml.tables.training_csv import check_training_table


class Outcome(NamedTuple):
    """A word of the target's column, the rows that have it, and the value that it means.

    The value is empty if the rows are left out, and ``None`` if the word means nothing.
    """

    word: str
    rows: int
    meaning: str | None


class TrainingPreview(NamedTuple):
    """How a training table is read.

    Attributes
    ----------
    good, remarked, refused : int
        Rows without a remark, rows with one, and rows that break a rule; no row that is left out.
    left_out : int
        Rows that are not trained on.
    unusual : list of UnusualColumn
        Columns whose unit looks wrong.
    rows : list of PreviewRow
        The first rows.
    faults, problems : list of DatasetFault
        Faults of rows, and faults of the table.
    """

    good: int
    remarked: int
    refused: int
    left_out: int
    unusual: Sequence[UnusualColumn]
    rows: Sequence[PreviewRow]
    faults: Sequence[DatasetFault]
    problems: Sequence[DatasetFault]


def preview_training(schema: Schema, understanding: Understanding, plain: bytes) -> TrainingPreview:
    """Read a plain training table and count its rows, by the rules of `read_training_table`.

    Parameters
    ----------
    plain : bytes
        What `ml.intake.plain_file.write_plain` wrote, or the file itself if `Understanding.is_plain`.

    Raises
    ------
    DatasetError
        If the table as a whole cannot be read, for example because a required column is missing.
    """
    table = check_training_table(schema, understanding.name, plain)
    problems = [fault for fault in table.faults if fault.column is None or fault.line == 1]
    faults = [fault for fault in table.faults if fault not in problems]
    refused = {fault.line for fault in faults}
    lines = [line for line in table.records if line not in refused]
    columns = columns_of(schema, [table.records[line] for line in lines])
    remarks = RemarkFinder(schema)(columns) if lines else {}
    return TrainingPreview(
        good=len(lines) - len(remarks),
        remarked=len(remarks),
        refused=len(refused),
        left_out=table.left_out,
        unusual=unusual_columns(schema, columns) if lines else [],
        rows=first_rows(
            understanding,
            table.header.names,
            first_cells(table.blocks),
            remarks=cell_remarks(lines, remarks),
            faults=cell_faults(faults),
        ),
        faults=as_written(understanding, faults),
        problems=problems,
    )


def outcomes_of(understanding: Understanding) -> list[Outcome]:
    """Return the words of a training table's outcome, the most frequent first; none without its column."""
    target, labels = understanding.schema.target, understanding.labels
    place = next((h.place for h in understanding.columns if h.column == target.column), None)
    if place is None or labels is None:
        return []
    cells = itertools.chain.from_iterable(block.columns[place] for block in understanding.blocks())
    words = Counter(cell.strip() if isinstance(cell, str) else decimal_text(cell) for cell in cells)
    return [Outcome(word, rows, _meaning(labels, word)) for word, rows in words.most_common()]


def _meaning(labels: Labels, word: str) -> str | None:
    label = labels.read(word)
    if labels.leaves_out(label):
        return ""
    return label if labels.knows(label) else None
