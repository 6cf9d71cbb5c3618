"""Read CSV text as checked records; every fault names line, column, value and expectation.

The web process checks uploads with this module, so it does not import pandas.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.applications.records import InvalidRecord, clean_row, near_miss
from ml.applications.schema import FIELDS, LOAN_ID, TARGET, TARGET_CODES
from ml.applications.types import Record
from ml.applications.values import CELL_INPUT, show_value
from ml.errors import DatasetError, DatasetFault
from ml.tables.safe_csv import unescape_formula

MIN_ROWS_PER_CLASS = 10
SAMPLE_PREFIX = "SAMPLE-"  # of the Loan_IDs of synthetic rows
NO_ROWS_FAULT = DatasetFault(2, None, None, "at least one row is expected")
NumberedRow = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """A checked training file, row by row.

    Attributes
    ----------
    records : list of ml.applications.records.Record, length n
    targets : list of int, length n
        1 for approved, 0 for denied.
    digest : str
        SHA-256 of the file's bytes, in hex.
    """

    name: str
    records: list[Record]
    targets: list[int]
    digest: str

    @property
    def synthetic(self) -> bool:
        """Whether any row is synthetic, by its Loan_ID."""
        return any((record.loan_id or "").startswith(SAMPLE_PREFIX) for record in self.records)


def read_training_table(name: str, content: bytes) -> TrainingTable:
    """Check the bytes of a training file.

    Raises
    ------
    DatasetError
        With every fault.
    """
    rows = list(_rows(name, content, required=(*FIELDS, TARGET)))
    records, faults = _records(rows)
    faults += _target_faults(rows)
    if faults:
        raise DatasetError(name, sorted(faults, key=lambda fault: fault.line))
    targets = [TARGET_CODES[row[TARGET].strip()] for _, row in rows]
    return TrainingTable(name, records, targets, hashlib.sha256(content).hexdigest())


def read_applications_csv(path: Path) -> list[Record]:
    """Read applications to score; a Loan_Status column is ignored.

    Raises
    ------
    DatasetError
        With every fault.
    """
    rows = list(_rows(path.name, read_file_bytes(path), required=FIELDS))
    records, faults = _records(rows)
    if faults:
        raise DatasetError(path.name, faults)
    return records


def read_file_bytes(path: Path) -> bytes:
    """Return the bytes of a file; raises `DatasetError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(str(path), [DatasetFault(1, None, None, error.strerror or "unreadable")]) from None


def _rows(name: str, content: bytes, required: Sequence[str]) -> Iterator[NumberedRow]:
    """Yield line number and cells by column; check encoding, header and cell counts on the way."""
    reader = csv.reader(io.StringIO(_text(name, content), newline=""), delimiter=detect_delimiter(content))
    try:
        header = [cell.strip() for cell in next(reader, [])]
        check_header(name, header, required)
        start = reader.line_num + 1
        for cells in reader:
            if cells:
                if len(cells) != len(header):
                    raise DatasetError(
                        name, [DatasetFault(start, None, None, cell_count_expectation(header, cells))]
                    )
                yield start, dict(zip(header, map(unescape_formula, cells), strict=True))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(name, [DatasetFault(reader.line_num, None, None, f"{error}")]) from None


def cell_count_expectation(header: Sequence[str], cells: Sequence[str]) -> str:
    """Describe the fault of a row with more or fewer cells than the header."""
    return f"{len(header)} cells are expected, as in the header, not {len(cells)}"


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = DatasetFault(
            line, None, show_value(content[error.start : error.end]), "UTF-8 text is expected"
        )
        raise DatasetError(name, [fault]) from None


def detect_delimiter(content: bytes) -> str:
    """Return the delimiter that is most frequent in the first line: a comma, semicolon or tab.

    Examples
    --------
    >>> detect_delimiter(b"Loan_ID;Gender;Married")
    ';'
    """
    header = content.split(b"\n", 1)[0]
    return max(",;\t", key=lambda candidate: header.count(candidate.encode()))


def check_header(
    name: str, header: list[str], required: Sequence[str], known: Sequence[str] | None = None
) -> None:
    """Raise `DatasetError` if the header has faults (see `list_header_faults`)."""
    if faults := list_header_faults(header, required, known):
        raise DatasetError(name, [DatasetFault(1, None, None, fault) for fault in faults])


def list_header_faults(
    header: Sequence[str], required: Sequence[str], known: Sequence[str] | None = None
) -> list[str]:
    """Describe missing, repeated and misspelt columns.

    Parameters
    ----------
    required : sequence of str
        Columns that must be there.
    known : sequence of str, optional
        The only columns that may be there; ``None`` allows others.
    """
    faults = [f"the column {column} is missing" for column in required if column not in header]
    for column, times in Counter(header).items():
        if times > 1:
            faults.append(f"the column {show_value(column)} appears {times} times")
        elif meant := near_miss(column):
            faults.append(f"the column {show_value(column)} is unknown; is it {meant}?")
        elif known is not None and column not in known:
            faults.append(f"the column {show_value(column)} is unknown; known: {', '.join(known)}")
    return faults


def _records(rows: list[NumberedRow]) -> tuple[list[Record], list[DatasetFault]]:
    records: list[Record] = []
    faults: list[DatasetFault] = []
    first_line: dict[str, int] = {}
    for line, row in rows:
        record, row_faults = read_row(line, row)
        faults += row_faults
        if record is None or record.loan_id is None:
            continue
        first = first_line.setdefault(record.loan_id, line)
        if first != line:
            faults.append(_cell_fault(line, row, LOAN_ID, f"this Loan_ID is already in line {first}"))
        records.append(record)
    if not rows:
        faults.append(NO_ROWS_FAULT)
    return records, faults


def read_row(line: int, row: Mapping[str, object]) -> tuple[Record | None, list[DatasetFault]]:
    """Return the record of a row of cells, or ``None`` and every fault. A Loan_ID is required."""
    try:
        record = clean_row(row, CELL_INPUT, ignore_unknown=True)
    except InvalidRecord as error:
        return None, [_cell_fault(line, row, fault.attr, fault.detail) for fault in error.faults]
    if record.loan_id is None:
        return None, [_cell_fault(line, row, LOAN_ID, "a value is required")]
    return record, []


def _cell_fault(line: int, row: Mapping[str, object], column: str | None, expected: str) -> DatasetFault:
    return DatasetFault(line, column, cell_text(row.get(column or "")), expected)


def cell_text(cell: object) -> str:
    """Return a cell as a list of faults shows it: at most 80 characters, nothing for ``None``."""
    return "" if cell is None else f"{cell}"[:80]


def _target_faults(rows: list[NumberedRow]) -> list[DatasetFault]:
    faults = [
        _cell_fault(line, row, TARGET, "Y or N is expected")
        for line, row in rows
        if row[TARGET].strip() not in TARGET_CODES
    ]
    for code in TARGET_CODES if not faults else ():
        count = sum(row[TARGET].strip() == code for _, row in rows)
        if count < MIN_ROWS_PER_CLASS:
            expected = f"at least {MIN_ROWS_PER_CLASS} rows with {TARGET} {code} are expected, not {count}"
            faults.append(DatasetFault(1, TARGET, code, expected))
    return faults
