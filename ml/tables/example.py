"""A file of applications that people can start from."""

from ml.applications.types import Value
from ml.artefacts.golden import golden_columns
from ml.schemas.schema import Schema
from ml.tables.safe_csv import csv_lines

_ID = "EXAMPLE-1"


def example_csv(schema: Schema) -> str:
    """Return a CSV file of one application with typical values; `read_applications_csv` accepts it.

    If IDs are made, the file has no column for them.
    """
    row = {column: _cell(values[0]) for column, values in golden_columns(schema).items()}
    if schema.id_column:
        row = {schema.id_column: _ID} | row
    return "".join(csv_lines([[*row], [*row.values()]]))


def _cell(value: Value) -> str:
    """Return a value as text, numbers without an exponent."""
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return value or ""
