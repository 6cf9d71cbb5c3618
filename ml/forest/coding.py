"""Coding of applications for a forest: fill missing values and replace categories by numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from ml.applications.types import Categorical, Column, Columns, Floats, Value


class CodingJSON(TypedDict):
    column: str
    fill: Value
    codes: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class ColumnCoding:
    """How one column becomes an input of the forest.

    Attributes
    ----------
    fill : str or float or None
        The value that replaces a missing one; ``None`` for a column that has a value in every row.
    codes : mapping of str to float, or None
        The number of each category; ``None`` for a column of numbers, which stay as they are.
    """

    column: str
    fill: Value = None
    codes: Mapping[str, float] | None = None

    def coded(self, values: Column) -> Floats:
        """Return the inputs of n values, shape (n,).

        Raises
        ------
        ValueError
            If a value is unknown, or missing without a value to replace it.
        """
        inputs = self._numbers(values) if self.codes is None else self._codes(values, self.codes)
        if np.isnan(inputs).any():
            raise ValueError(self._fault(values, inputs))
        return inputs

    def to_json(self) -> CodingJSON:
        """Return the coding as plain JSON values."""
        codes = None if self.codes is None else dict(self.codes)
        return {"column": self.column, "fill": self.fill, "codes": codes}

    def _numbers(self, values: Column) -> Floats:
        numbers = np.array(values, dtype=np.float64)
        if self.fill is not None:
            numbers[np.isnan(numbers)] = self.fill
        return numbers

    def _codes(self, values: Column, codes: Mapping[str, float]) -> Floats:
        of: dict[Value, float] = {None: codes.get(str(self.fill), np.nan)}
        of.update(codes.items())
        if isinstance(values, Categorical):
            return values.numbers(of)
        return np.array([of.get(value, np.nan) for value in values], dtype=np.float64)

    def _fault(self, values: Column, inputs: Floats) -> str:
        value = values[int(np.isnan(inputs).argmax())]
        expected = "a number" if self.codes is None else f"one of {', '.join(self.codes)}"
        return f"{self.column}: {value!r} is not {expected}."


def code_columns(codings: Sequence[ColumnCoding], columns: Columns) -> Floats:
    """Return the inputs of n applications.

    Parameters
    ----------
    columns : mapping of str to sequence, each of length n
        Values by public column name. Columns without a coding are ignored.

    Returns
    -------
    ndarray of shape (n, number of codings)
    """
    return np.column_stack([coding.coded(columns[coding.column]) for coding in codings])
