"""Leave refused rows out of a training table, and say in the table why."""

import csv
import io
from collections.abc import Iterable

from ml.errors import DatasetFault
from ml.schemas.schema import Schema
from ml.tables.header import detect_delimiter
from ml.tables.labels import left_out_for
from ml.tables.training_csv import check_training_table


def without_refused_rows(schema: Schema, name: str, content: bytes) -> bytes:
    """Return a plain training table whose refused rows have ``leave out: COLUMN refused`` as their outcome.

    Every row stays in its line. A table without refused rows is returned as it is.

    Raises
    ------
    DatasetError
        If the table as a whole cannot be read.
    """
    table = check_training_table(schema, name, content)
    reasons = _reasons(table.faults)
    if not reasons:
        return content
    place = table.header.names.index(schema.target.column)
    text = content.decode("utf-8-sig")
    delimiter = detect_delimiter(text.lstrip("\r\n").encode())
    given = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    written = io.StringIO()
    writer, line = csv.writer(written, delimiter=delimiter, lineterminator="\n"), 1
    for cells in given:
        if line in reasons:
            cells[place] = left_out_for(reasons[line])
        writer.writerow(cells)
        line = given.line_num + 1
    return written.getvalue().encode()


def _reasons(faults: Iterable[DatasetFault]) -> dict[int, str]:
    """Return the columns at fault of each refused row; faults in line 1 are of the whole table."""
    columns: dict[int, list[str]] = {}
    for fault in faults:
        if fault.column is not None and fault.line > 1:
            columns.setdefault(fault.line, []).append(fault.column)
    return {line: f"{', '.join(dict.fromkeys(names))} refused" for line, names in columns.items()}
