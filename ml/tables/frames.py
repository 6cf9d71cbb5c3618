"""Columns of plain values to a DataFrame and back: the only conversion of the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.applications.records import columns_of
from ml.applications.schema import BY_COLUMN, COLUMNS, Kind
from ml.applications.types import Column, Columns
from ml.tables.training_csv import read_file_bytes, read_training_table


def frame_from_columns(columns: Columns) -> pd.DataFrame:
    """Build a frame with one column per feature, numbers as float64, gaps as NaN.

    Parameters
    ----------
    columns : mapping of str to sequence, each of length n
        Values by public column name, ``None`` for a gap.

    Returns
    -------
    DataFrame of shape (n, 11)
    """
    return pd.DataFrame({column: _series(column, columns[column]) for column in COLUMNS})


def columns_from_frame(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a frame's feature columns as plain lists, ``None`` for a gap; other columns are ignored.

    Parameters
    ----------
    frame : DataFrame of shape (n, >= 11)

    Raises
    ------
    ValueError
        When a feature's column is absent; names it.
    """
    require_columns(frame)
    return {column: _plain(column, frame[column]) for column in COLUMNS}


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


def _plain(column: str, series: "pd.Series[Any]") -> list[Any]:
    """Return one column's values; a training makes thousands of these, hence numpy and not pandas."""
    feature = BY_COLUMN[column]
    if feature.kind is Kind.NUMBER:
        series = pd.to_numeric(series).astype("float64")
    values, gaps = series.tolist(), series.isna().to_numpy()
    numbers = dict(feature.numbers)
    if numbers:
        values = [numbers.get(value, value) for value in values]
    for gap in gaps.nonzero()[0]:
        values[gap] = None
    return values


@dataclass(frozen=True, slots=True)
class Dataset:
    """A checked training table.

    Attributes
    ----------
    frame : DataFrame of shape (n, 11)
    y : ndarray of shape (n,)
        1 for approved, 0 for not.
    digest : str
        SHA-256 of the file's bytes, in hex.
    synthetic : bool
        Whether any row was made by `ml.products.loan_prediction.sample`.
    """

    frame: pd.DataFrame
    y: NDArray[np.int64]
    name: str
    digest: str
    synthetic: bool


def read_training_csv(path: Path, name: str | None = None) -> Dataset:
    """Read the loan-prediction table; `name` is what it is called if not by its file.

    Raises
    ------
    DatasetError
        Naming every fault.
    """
    table = read_training_table(name or path.name, read_file_bytes(path))
    return Dataset(
        frame=frame_from_columns(columns_of(table.records)),
        y=np.array(table.targets),
        name=table.name,
        digest=table.digest,
        synthetic=table.synthetic,
    )
