"""Columns of plain values to a DataFrame and back: the only conversion of the library."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ml.applications.schema import BY_COLUMN, COLUMNS, Kind


def from_columns(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
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


def to_columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a frame's feature columns as plain lists, ``None`` for a gap; other columns are ignored.

    Parameters
    ----------
    frame : DataFrame of shape (n, >= 11)

    Raises
    ------
    ValueError
        When a feature's column is absent; names it.
    """
    require(frame)
    return {column: _plain(column, frame[column]) for column in COLUMNS}


def require(frame: pd.DataFrame, columns: Sequence[str] = COLUMNS) -> None:
    """Raise a ValueError that names the columns that `frame` lacks."""
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"A DataFrame is expected, not {type(frame).__name__}.")
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise ValueError(f"The frame lacks the column(s) {', '.join(absent)}.")


def _series(column: str, values: Sequence[Any]) -> "pd.Series[Any]":
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
