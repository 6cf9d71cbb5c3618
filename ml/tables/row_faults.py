"""Check one row of a table field by field, and name its faults."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ml.applications.number_texts import Convention
from ml.applications.records import InvalidRecord, clean_row
from ml.applications.spellings import cell_input
from ml.applications.types import Record
from ml.errors import DatasetFault
from ml.schemas.schema import Schema

NO_ROWS_FAULT = DatasetFault(2, None, None, "at least one row is expected")


def cell_count_expectation(header: Sequence[str], cells: Sequence[str]) -> str:
    """Describe the fault of a row with more or fewer cells than the header."""
    return f"{len(header)} cells are expected, as in the header, not {len(cells)}"


def read_row(
    schema: Schema, line: int, row: Mapping[str, object], convention: Convention | None = Convention.POINT
) -> tuple[Record | None, list[DatasetFault]]:
    """Return the record of a row of cells, or ``None`` and every fault.

    An ID is required unless the schema's IDs are made: then a row without one is named after its line.
    """
    known = {name: cell for name, cell in row.items() if name in schema.fields}
    try:
        record = clean_row(schema, known, cell_input(convention))
    except InvalidRecord as error:
        return None, [cell_fault(line, row, fault.attr, fault.detail) for fault in error.faults]
    if record.loan_id is None and schema.id_column is None:
        return replace(record, loan_id=made_id(line)), []
    if record.loan_id is None:
        return None, [cell_fault(line, row, schema.id_field, "a value is required")]
    return record, []


def made_id(line: int) -> str:
    """Return the ID of a row of a file whose schema has no column for it."""
    return f"row-{line}"


def cell_fault(line: int, row: Mapping[str, object], column: str | None, expected: str) -> DatasetFault:
    """Return the fault of a row's cell."""
    return DatasetFault(line, column, cell_text(row.get(column or "")), expected)


def cell_text(cell: object) -> str:
    """Return a cell as a list of faults shows it: at most 80 characters, nothing for ``None``."""
    return "" if cell is None else f"{cell}"[:80]
