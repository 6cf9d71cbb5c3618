"""The types that all packages share: a value, a record, columns, arrays."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ml.schemas.schema import Schema

Value = str | float | None
"""A checked value of a feature; ``None`` for a missing one."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def to_python(value: Value) -> Value:
    """Return a NumPy float as a Python float, and NaN as ``None``; other values as they are."""
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else float(value)


class Categorical(Sequence[str | None]):
    """A column of categories, stored as codes: the value of a row is `choices[codes[row]]`."""

    def __init__(self, choices: Sequence[str | None], codes: NDArray[np.int8] | Ints) -> None:
        self._choices, self._codes = list(choices), codes

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, row: int) -> str | None: ...

    @overload
    def __getitem__(self, row: slice) -> "Categorical": ...

    def __getitem__(self, row: int | slice) -> "str | Categorical | None":
        if isinstance(row, slice):
            return Categorical(self._choices, self._codes[row])
        return self._choices[int(self._codes[row])]

    def __contains__(self, value: object) -> bool:
        return value in self._choices and bool((self._codes == self._choices.index(value)).any())

    def __iter__(self) -> Iterator[str | None]:
        return map(self._choices.__getitem__, self._codes.tolist())

    def take(self, rows: Ints) -> "Categorical":
        """Return the rows with these numbers."""
        return Categorical(self._choices, self._codes[rows])

    def numbers(self, of: Mapping[Value, float]) -> Floats:
        """Map each row's value to its number, NaN for a value without one; shape (n,)."""
        by_code = np.array([of.get(value, np.nan) for value in self._choices], dtype=np.float64)
        return by_code.take(self._codes)


Column = Sequence[Value] | Floats
"""The values of n applications in one column; a missing one is ``None``, or NaN in an array."""


def take_rows(column: Column, rows: Ints) -> Column:
    """Return the rows of a column with these numbers."""
    if isinstance(column, np.ndarray):
        return column[rows]
    return column.take(rows) if isinstance(column, Categorical) else [column[row] for row in rows.tolist()]


Columns = Mapping[str, Column]
"""Columns of equal length by public column name."""

ApplicationValues = Mapping[str, Value]
"""The values of one application by public column name."""


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One checked application: a field per feature, by its Python name, and ``loan_id``.

    The fields follow from the schema, so `ml.applications.records.ApplicationRecord` adds them.
    """

    if TYPE_CHECKING:
        of_schema: ClassVar["Schema"]
        loan_id: str | None

        def __init__(self, **values: Value) -> None: ...

        def __getattr__(self, name: str) -> Value: ...
