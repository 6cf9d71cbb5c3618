"""Read CSV text as checked records; every fault names line, column, value and expectation.

The web process checks uploads with this module, so it does not import pandas.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ml.applications.types import Record
from ml.errors import DatasetError, DatasetFault, place_word
from ml.schemas.schema import Schema, Target
from ml.tables.block_reader import BlockReader, CheckedBlock, id_cells, records_of
from ml.tables.csv_stream import AnyBlock
from ml.tables.header import Header, absent_columns
from ml.tables.labels import Labels, left_out_reason
from ml.tables.row_faults import NO_ROWS_FAULT, cell_fault
from ml.tables.whole_csv import read_blocks

MIN_ROWS_PER_CLASS = 10
SAMPLE_PREFIX = "SAMPLE-"  # of the Loan_IDs of synthetic rows


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """A checked training file, row by row.

    Attributes
    ----------
    records : list of ml.applications.records.Record, length n
    targets : list of int, length n
        1 for a good outcome, 0 for a bad one.
    further : list of str
        Columns of the file that the schema does not have.
    absent : list of str
        Columns of the schema that the file does not have.
    left_out : int
        Rows whose target leaves them out, or is empty.
    left_out_why : mapping of str to int
        Those of them whose target says why, by reason.
    digest : str
        SHA-256 of the file's bytes, in hex.
    """

    name: str
    records: list[Record]
    targets: list[int]
    digest: str
    further: Sequence[str] = ()
    absent: Sequence[str] = ()
    left_out: int = 0
    left_out_why: Mapping[str, int] = field(default_factory=dict)

    @property
    def synthetic(self) -> bool:
        """Whether any row is synthetic, by its Loan_ID."""
        return any((record.loan_id or "").startswith(SAMPLE_PREFIX) for record in self.records)


def read_training_table(schema: Schema, name: str, content: bytes) -> TrainingTable:
    """Check the bytes of a training file.

    Raises
    ------
    DatasetError
        With every fault.
    """
    checked = check_training_table(schema, name, content)
    if checked.faults:
        raise DatasetError(name, checked.faults)
    codes = schema.target.codes
    return TrainingTable(
        name,
        [*checked.records.values()],
        targets=[codes[label] for label in checked.labels],
        digest=hashlib.sha256(content).hexdigest(),
        further=checked.header.further,
        absent=absent_columns(schema, checked.header.names),
        left_out=checked.left_out,
        left_out_why=_reasons(schema, checked.blocks) if checked.left_out else {},
    )


def _reasons(schema: Schema, blocks: Sequence[AnyBlock]) -> dict[str, int]:
    """Count the reasons for which rows are left out, the most frequent first."""
    cells = Counter(itertools.chain.from_iterable(block.cells(schema.target.column) for block in blocks))
    reasons = Counter[str]()
    for cell, rows in cells.items():
        if reason := left_out_reason(cell):
            reasons[reason] += rows
    return dict(reasons.most_common())


class CheckedTable(NamedTuple):
    """A training table with its faults.

    Attributes
    ----------
    blocks : list of CellBlock and PlainBlock
        Every row, those that are left out as well.
    left_out : int
        Rows that are left out.
    labels : list of str
        What the target's cells of the other rows mean.
    records : dict of int to ml.applications.records.Record
        The rows that are not left out and have no fault of their own but in their target, by line.
    faults : list of DatasetFault
        Ordered by their lines. Those in line 1 are of the whole table.
    """

    header: Header
    blocks: Sequence[AnyBlock]
    left_out: int
    labels: Sequence[str]
    records: dict[int, Record]
    faults: Sequence[DatasetFault]


def check_training_table(schema: Schema, name: str, content: bytes) -> CheckedTable:
    """Check the bytes of a training file, and return its faults.

    Raises
    ------
    DatasetError
        If the rows cannot be told apart, or a required column is missing.
    """
    header, blocks = read_blocks(schema, name, content, training=True)
    labels = Labels(schema.target)
    kept, outcomes = _kept_rows(schema, labels, blocks)
    records, faults = _records(schema, name, kept)
    faults += _target_faults(schema, labels, outcomes)
    left_out = sum(len(block.lines) for block in blocks) - len(outcomes)
    by_line = sorted(faults, key=_line_of)
    return CheckedTable(header, blocks, left_out, [each.label for each in outcomes], records, by_line)


class _Outcome(NamedTuple):
    """The target of a row: its line, its cell, and what the cell means."""

    line: int
    cell: str
    label: str


def _kept_rows(
    schema: Schema, labels: Labels, blocks: Sequence[AnyBlock]
) -> tuple[list[AnyBlock], list[_Outcome]]:
    """Return the rows that are not left out, and their outcomes."""
    kept: list[AnyBlock] = []
    outcomes: list[_Outcome] = []
    for block in blocks:
        cells = block.cells(schema.target.column)
        meant = {cell: labels.read(cell) for cell in set(cells)}
        given = {cell: label for cell, label in meant.items() if not labels.leaves_out(label)}
        outcomes += (
            _Outcome(line, cell, given[cell])
            for line, cell in zip(block.lines, cells, strict=True)
            if cell in given
        )
        if given:
            kept.append(block if len(given) == len(meant) else block.take([cell in given for cell in cells]))
    return kept, outcomes


def read_applications_csv(schema: Schema, path: Path) -> list[Record]:
    """Read applications to score (see `read_applications_table`)."""
    return read_applications_table(schema, path)[1]


def read_applications_table(
    schema: Schema, path: Path, name: str | None = None
) -> tuple[Header, list[Record]]:
    """Read applications to score, with the heading of their file; the target's column is ignored.

    Parameters
    ----------
    name : str, optional
        Name of the table; the name of the file if None.

    Raises
    ------
    DatasetError
        With every fault.
    """
    name = name or path.name
    header, blocks = read_blocks(schema, name, read_file_bytes(path))
    records, faults = _records(schema, name, blocks)
    if faults:
        raise DatasetError(name, faults)
    return header, [*records.values()]


def read_file_bytes(path: Path) -> bytes:
    """Return the bytes of a file; raises `DatasetError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(str(path), [DatasetFault(1, None, None, error.strerror or "unreadable")]) from None


def _records(
    schema: Schema, name: str, blocks: Sequence[AnyBlock]
) -> tuple[dict[int, Record], list[DatasetFault]]:
    """Return the records by line, those of repeated IDs as well, and the faults in the order of lines."""
    read_block = BlockReader(schema)
    records: dict[int, Record] = {}
    faults: list[DatasetFault] = []
    first_lines: dict[str, int] = {}
    place = place_word(name)
    for block in blocks:
        checked = read_block(block)
        faults += itertools.chain.from_iterable(row.faults for row in checked.refused)
        faults += _repeats(schema, block, checked, first_lines, place)
        found = records_of(schema, checked.loan_ids, checked.columns)
        records |= zip(checked.lines, found, strict=True)
    return records, sorted(faults, key=_line_of) if blocks else [NO_ROWS_FAULT]


def _line_of(fault: DatasetFault) -> int:
    return fault.line


def _repeats(
    schema: Schema, block: AnyBlock, checked: CheckedBlock, first_lines: dict[str, int], place: str
) -> list[DatasetFault]:
    """Return a fault for each ID that an earlier row has, and add the others with their lines."""
    first = [*map(first_lines.setdefault, checked.loan_ids, checked.lines)]
    repeated = {line: first for line, first in zip(checked.lines, first, strict=True) if line != first}
    if not repeated:
        return []
    column = schema.id_field
    cells = id_cells(schema, block) or [""] * len(block.lines)
    return [
        cell_fault(line, {column: cell}, column, f"this {column} is already in {place} {repeated[line]}")
        for line, cell in zip(block.lines, cells, strict=True)
        if line in repeated
    ]


def _target_faults(schema: Schema, known: Labels, outcomes: Sequence[_Outcome]) -> list[DatasetFault]:
    target, codes = schema.target, schema.target.codes
    expected = f"one of {known.words()} is expected"
    faults = [
        cell_fault(line, {target.column: cell}, target.column, expected)
        for line, cell, label in outcomes
        if label not in codes
    ]
    return faults or [*_scarce_outcomes(target, Counter(outcome.label for outcome in outcomes))]


def _scarce_outcomes(target: Target, rows: Counter[str]) -> Iterator[DatasetFault]:
    """Yield a fault for the good and for the bad outcomes if too few rows have them."""
    for values in (target.good, target.bad):
        count = sum(rows[value] for value in values)
        if count < MIN_ROWS_PER_CLASS:
            words = " or ".join(values)
            expected = (
                f"at least {MIN_ROWS_PER_CLASS} rows with {target.column} {words} are expected, not {count}"
            )
            yield DatasetFault(1, target.column, words, expected)
