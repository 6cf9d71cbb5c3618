"""CSV text to checked records, with every fault named by line, column, value and expectation.

No pandas here: the web process checks uploads too.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.applications.records import InvalidRecord, clean_row, near_miss
from ml.applications.schema import FIELDS, LOAN_ID, TARGET, TARGET_CODES
from ml.applications.values import CELL_INPUT, show_value
from ml.errors import DatasetError, DatasetFault
from ml.products.loan_prediction.sample import is_sample
from ml.tables.safe_csv import unescape_formula

MIN_ROWS_PER_CLASS = 10
NO_ROWS_FAULT = DatasetFault(2, None, None, "at least one row is expected")
NumberedRow = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class TrainingTable:
    """A checked training file, row by row.

    Attributes
    ----------
    records : list of ml.applications.records.Record, length n
    targets : list of int, length n
        1 for approved, 0 for not.
    digest : str
        SHA-256 of the file's bytes, in hex.
    """

    name: str
    records: list[Any]
    targets: list[int]
    digest: str

    @property
    def synthetic(self) -> bool:
        """Whether any row was made by `ml.products.loan_prediction.sample`."""
        return any(is_sample(record.loan_id) for record in self.records)


def read_training_table(name: str, content: bytes) -> TrainingTable:
    """Check the bytes of a training file; raises `DatasetError` naming every fault."""
    rows = list(_rows(name, content, required=(*FIELDS, TARGET)))
    records, faults = _records(rows)
    faults += _target_faults(rows)
    if faults:
        raise DatasetError(name, sorted(faults, key=lambda fault: fault.line))
    targets = [TARGET_CODES[row[TARGET].strip()] for _, row in rows]
    return TrainingTable(name, records, targets, hashlib.sha256(content).hexdigest())


def read_applications_csv(path: Path) -> list[Any]:
    """Read applications to score, as records; a Loan_Status column is ignored.

    Raises
    ------
    DatasetError
        Naming every fault.
    """
    rows = list(_rows(path.name, read_file_bytes(path), required=FIELDS))
    records, faults = _records(rows)
    if faults:
        raise DatasetError(path.name, faults)
    return records


def read_file_bytes(path: Path) -> bytes:
    """Read a file; raises `DatasetError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(str(path), [DatasetFault(1, None, None, error.strerror or "unreadable")]) from None


def _rows(name: str, content: bytes, required: Sequence[str]) -> Iterator[NumberedRow]:
    """Yield line number and cells by column; the file's form is checked on the way."""
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
    """Say what is expected of a row that has not the header's number of cells."""
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
    """Return the delimiter that the first line has most of."""
    header = content.split(b"\n", 1)[0]
    return max(",;\t", key=lambda candidate: header.count(candidate.encode()))


def check_header(
    name: str, header: list[str], required: Sequence[str], known: Sequence[str] | None = None
) -> None:
    """Raise `DatasetError` for absent, repeated and misspelt columns, and for all but `known` if given."""
    if faults := list_header_faults(header, required, known):
        raise DatasetError(name, [DatasetFault(1, None, None, fault) for fault in faults])


def list_header_faults(
    header: Sequence[str], required: Sequence[str], known: Sequence[str] | None = None
) -> list[str]:
    """Say what is wrong with the names of columns (see `check_header`)."""
    faults = [f"the column {column} is missing" for column in required if column not in header]
    for column, times in Counter(header).items():
        if times > 1:
            faults.append(f"the column {show_value(column)} stands {times} times")
        elif meant := near_miss(column):
            faults.append(f"the column {show_value(column)} is unknown; is it {meant}?")
        elif known is not None and column not in known:
            faults.append(f"the column {show_value(column)} is unknown; known: {', '.join(known)}")
    return faults


def _records(rows: list[NumberedRow]) -> tuple[list[Any], list[DatasetFault]]:
    records, faults = [], []
    first_line: dict[str, int] = {}
    for line, row in rows:
        record, found = read_row(line, row)
        faults += found
        if record is None:
            continue
        if record.loan_id in first_line:
            first = first_line[record.loan_id]
            faults.append(_cell_fault(line, row, LOAN_ID, f"it stands in line {first} already"))
        else:
            first_line[record.loan_id] = line
        records.append(record)
    if not rows:
        faults.append(NO_ROWS_FAULT)
    return records, faults


def read_row(line: int, row: Mapping[str, Any]) -> tuple[Any | None, list[DatasetFault]]:
    """Return a row's record, or ``None`` and every fault; a cell is text or a value."""
    try:
        record = clean_row(row, CELL_INPUT, ignore_unknown=True)
    except InvalidRecord as error:
        return None, [_cell_fault(line, row, fault.attr, fault.detail) for fault in error.faults]
    if record.loan_id is None:
        return None, [_cell_fault(line, row, LOAN_ID, "a value is required")]
    return record, []


def _cell_fault(line: int, row: Mapping[str, Any], column: str | None, expected: str) -> DatasetFault:
    return DatasetFault(line, column, cell_text(row.get(column or "")), expected)


def cell_text(cell: object) -> str:
    """Write a cell into a list of faults."""
    return "" if cell is None else f"{cell}"[:80]


def _target_faults(rows: list[NumberedRow]) -> list[DatasetFault]:
    faults = [
        _cell_fault(line, row, TARGET, "Y or N is expected")
        for line, row in rows
        if row[TARGET].strip() not in TARGET_CODES
    ]
    for code in TARGET_CODES if not faults else ():
        found = sum(row[TARGET].strip() == code for _, row in rows)
        if found < MIN_ROWS_PER_CLASS:
            expected = f"at least {MIN_ROWS_PER_CLASS} rows with {TARGET} {code} are expected, not {found}"
            faults.append(DatasetFault(1, TARGET, code, expected))
    return faults
