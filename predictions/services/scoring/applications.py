"""Checked applications, as records of a call or as columns of a file: what scoring and storing need."""

import operator
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from ml.applications.plausibility import MIN_ROWS_FOR_ARRAYS
from ml.applications.records import columns_of, values_by_column, values_of
from ml.applications.types import Columns, Record, Value, to_python
from ml.schemas.schema import Schema
from ml.tables.block_reader import python_values
from predictions.errors import FormChanged
from predictions.models.fields import stored_inputs

_loan_id = operator.attrgetter("loan_id")  # every record has one by now


class Applications(Protocol):
    """Applications of one schema, in their order.

    Attributes
    ----------
    columns : Columns
        Their values; the numbers of many rows are arrays, for the model and for the remarks.
    """

    loan_ids: list[str]
    columns: Columns

    def values(self, row: int) -> Mapping[str, Value]:
        """Return the values of one row by column, ``None`` for a gap."""

    def inputs(self) -> list[str]:
        """Return the values of each row as they are stored."""


class RecordApplications:
    """Records of a call. Raises `FormChanged` if another schema read one of them."""

    def __init__(self, schema: Schema, records: Sequence[Record]) -> None:
        record_types: set[type[Record]] = {*map(type, records)}
        if any(record_type.of_schema is not schema for record_type in record_types):
            raise FormChanged
        self._schema, self._records = schema, records
        self.loan_ids: list[str] = [*map(_loan_id, records)]
        self.columns = _with_arrays(schema, columns_of(schema, records))

    def values(self, row: int) -> Mapping[str, Value]:
        return values_by_column(self._records[row])

    def inputs(self) -> list[str]:
        return stored_inputs(self._schema, [*map(values_of, self._records)])


class ColumnApplications:
    """Valid rows of a file, as `BlockReader` returns them."""

    def __init__(self, schema: Schema, loan_ids: Sequence[str], columns: Columns) -> None:
        self._schema, self._given = schema, columns
        self.loan_ids = [*loan_ids]
        self.columns = _with_arrays(schema, columns)

    def values(self, row: int) -> Mapping[str, Value]:
        return {name: to_python(self._given[name][row]) for name in self._schema.columns}

    def inputs(self) -> list[str]:
        columns = [python_values(self._given[name]) for name in self._schema.columns]
        return stored_inputs(self._schema, [*zip(*columns, strict=True)])


def _with_arrays(schema: Schema, columns: Columns) -> Columns:
    """Convert the numbers of many rows once, for the model and for the remarks."""
    if len(columns[schema.columns[0]]) < MIN_ROWS_FOR_ARRAYS:
        return columns
    return {
        name: np.asarray(values, np.float64) if name in schema.numbers else values
        for name, values in columns.items()
    }
