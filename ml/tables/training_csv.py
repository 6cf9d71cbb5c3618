"""Read CSV text as checked records; every fault names line, column, value and expectation.

The web process checks uploads with this module, so it does not import pandas.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ml.applications.types import Record
from ml.applications.values import show_value
from ml.errors import DatasetError, DatasetFault
from ml.schemas.schema import Schema
from ml.tables.delimiters import detect_delimiter
from ml.tables.header import Header, absent_columns, read_header
from ml.tables.labels import Labels
from ml.tables.row_faults import NO_ROWS_FAULT, cell_count_expectation, cell_fault, read_row
from ml.tables.safe_csv import unescape_formula

MIN_ROWS_PER_CLASS = 10
SAMPLE_PREFIX = "SAMPLE-"  # of the Loan_IDs of synthetic rows
Reader = Any  # the type that `csv.reader` returns has no name
NumberedRow = tuple[int, dict[str, str]]


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
    return TrainingTable(
        name,
        [*checked.records.values()],
        targets=[schema.target.codes[label] for label in checked.labels],
        digest=hashlib.sha256(content).hexdigest(),
        further=checked.header.further,
        absent=absent_columns(schema, checked.header.names),
        left_out=len(checked.rows) - len(checked.labels),
    )


class CheckedTable(NamedTuple):
    """A training table with its faults.

    Attributes
    ----------
    rows : list of NumberedRow
        Every row, those that are left out as well.
    labels : list of str
        What the target's cells of the rows that are not left out mean.
    records : dict of int to ml.applications.records.Record
        The rows that are not left out and have no fault of their own but in their target, by line.
    faults : list of DatasetFault
        Ordered by their lines. Those in line 1 are of the whole table.
    """

    header: Header
    rows: Sequence[NumberedRow]
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
    header, rows = _rows(schema, name, content, training=True)
    labels = Labels(schema.target)
    read = [(row, labels.read(row[1][schema.target.column])) for row in rows]
    kept = [(row, label) for row, label in read if not labels.leaves_out(label)]
    records, faults = _records(schema, [row for row, _ in kept])
    faults += _target_faults(schema, labels, kept)
    by_line = sorted(faults, key=lambda fault: fault.line)
    return CheckedTable(header, rows, [label for _, label in kept], records, by_line)


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
    header, rows = _rows(schema, name, read_file_bytes(path))
    records, faults = _records(schema, rows)
    if faults:
        raise DatasetError(name, faults)
    return header, [*records.values()]


def read_file_bytes(path: Path) -> bytes:
    """Return the bytes of a file; raises `DatasetError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(str(path), [DatasetFault(1, None, None, error.strerror or "unreadable")]) from None


def _rows(
    schema: Schema, name: str, content: bytes, *, training: bool = False
) -> tuple[Header, list[NumberedRow]]:
    """Return the heading, and each row's line number and cells by column; check encoding and cell counts."""
    reader = csv.reader(
        io.StringIO(_text(name, content), newline=""), delimiter=detect_delimiter(content.lstrip(b"\r\n"))
    )
    try:
        headings = next(filter(None, reader), [])  # behind blank lines, where a sheet has a title
        header = read_header(name, headings, schema, training=training)
        return header, list(_numbered(name, reader, header.names))
    except csv.Error as error:
        raise DatasetError(name, [DatasetFault(reader.line_num, None, None, f"{error}")]) from None


def _numbered(name: str, reader: Reader, header: Sequence[str]) -> Iterator[NumberedRow]:
    start = reader.line_num + 1
    for cells in reader:
        if cells:
            if len(cells) != len(header):
                expected = cell_count_expectation(header, cells)
                raise DatasetError(name, [DatasetFault(start, None, None, expected)])
            yield start, dict(zip(header, map(unescape_formula, cells), strict=True))
        start = reader.line_num + 1


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = DatasetFault(
            line, None, show_value(content[error.start : error.end]), "UTF-8 text is expected"
        )
        raise DatasetError(name, [fault]) from None


def _records(schema: Schema, rows: list[NumberedRow]) -> tuple[dict[int, Record], list[DatasetFault]]:
    records: dict[int, Record] = {}
    faults: list[DatasetFault] = []
    first_line: dict[str, int] = {}
    for line, row in rows:
        record, row_faults = read_row(schema, line, row)
        faults += row_faults
        if record is None or record.loan_id is None:
            continue
        first = first_line.setdefault(record.loan_id, line)
        if first != line:
            faults.append(
                cell_fault(line, row, schema.id_field, f"this {schema.id_field} is already in line {first}")
            )
        records[line] = record
    if not rows:
        faults.append(NO_ROWS_FAULT)
    return records, faults


def _target_faults(schema: Schema, known: Labels, rows: list[tuple[NumberedRow, str]]) -> list[DatasetFault]:
    target = schema.target
    labels = [label for _, label in rows]
    faults = [
        cell_fault(line, row, target.column, f"one of {known.words()} is expected")
        for (line, row), label in rows
        if label not in target.codes
    ]
    for values in (target.good, target.bad) if not faults else ():
        count = sum(label in values for label in labels)
        if count < MIN_ROWS_PER_CLASS:
            words = " or ".join(values)
            expected = (
                f"at least {MIN_ROWS_PER_CLASS} rows with {target.column} {words} are expected, not {count}"
            )
            faults.append(DatasetFault(1, target.column, words, expected))
    return faults
