"""Convert columns of values to a DataFrame and back; read a training table as a frame and a target.

No other module converts between columns and frames. The checks of a table are in `ml.tables.training_csv`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ml.applications.records import columns_of
from ml.applications.schema import BY_COLUMN, COLUMNS, Kind
from ml.applications.types import Column, Columns, Ints, Value
from ml.tables.training_csv import read_file_bytes, read_training_table


def frame_from_columns(columns: Columns) -> pd.DataFrame:
    """Return a frame with one column per feature: numbers as float64, missing values as NaN.

    Parameters
    ----------
    columns : mapping of str to sequence, each of length n
        Values by public column name, ``None`` for a missing value.

    Returns
    -------
    DataFrame of shape (n, 11)
    """
    return pd.DataFrame({column: _series(column, columns[column]) for column in COLUMNS})


def columns_from_frame(frame: pd.DataFrame) -> dict[str, list[Value]]:
    """Return the feature columns of a frame as lists, ``None`` for a missing value.

    Other columns are ignored.

    Parameters
    ----------
    frame : DataFrame of shape (n, >= 11)

    Raises
    ------
    ValueError
        If columns of features are absent; names them.
    """
    require_columns(frame)
    return {column: _values(column, frame[column]) for column in COLUMNS}


def require_columns(frame: pd.DataFrame, columns: Sequence[str] = COLUMNS) -> None:
    """Raise a ValueError that names the columns that `frame` lacks."""
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"A DataFrame is expected, not {type(frame).__name__}.")
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise ValueError(f"The frame lacks the column(s) {', '.join(absent)}.")


def _series(column: str, values: Column) -> "pd.Series[Any]":
    numeric = BY_COLUMN[column].kind is Kind.NUMBER
    return pd.Series(list(values), dtype="float64" if numeric else "object")


def _values(column: str, series: "pd.Series[Any]") -> list[Value]:
    """Return the values of a column; NumPy is used because a training calls this thousands of times."""
    feature = BY_COLUMN[column]
    if feature.kind is Kind.NUMBER:
        series = pd.to_numeric(series).astype("float64")
    values, missing = series.tolist(), series.isna().to_numpy()
    numbers = dict(feature.numbers)
    if numbers:
        values = [numbers.get(value, value) for value in values]
    for row in missing.nonzero()[0]:
        values[row] = None
    return values


@dataclass(frozen=True, slots=True)
class Dataset:
    """A checked training table.

    Attributes
    ----------
    frame : DataFrame of shape (n, 11)
    y : ndarray of shape (n,)
        1 for approved, 0 for denied.
    digest : str
        SHA-256 of the file's bytes, in hex.
    synthetic : bool
        True if any row was made by `ml.products.loan_prediction.sample`.
    """

    frame: pd.DataFrame
    y: Ints
    name: str
    digest: str
    synthetic: bool


def read_training_csv(path: Path, name: str | None = None) -> Dataset:
    """Read a training table.

    Parameters
    ----------
    name : str, optional
        Name of the table; the name of the file if None.

    Raises
    ------
    DatasetError
        With every fault.
    """
    table = read_training_table(name or path.name, read_file_bytes(path))
    return Dataset(
        frame=frame_from_columns(columns_of(table.records)),
        y=np.array(table.targets),
        name=table.name,
        digest=table.digest,
        synthetic=table.synthetic,
    )
