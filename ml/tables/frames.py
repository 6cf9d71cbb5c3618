"""Convert columns of values to a DataFrame and back; read a training table as a frame and a target.

No other module converts between columns and frames. The checks of a table are in `ml.tables.training_csv`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ml.applications.records import columns_of
from ml.applications.types import Column, Columns, Ints, Value
from ml.schemas.features import Feature, Kind
from ml.schemas.schema import Schema
from ml.tables.refused_rows import without_refused_rows
from ml.tables.training_csv import read_file_bytes, read_training_table


def frame_from_columns(schema: Schema, columns: Columns) -> pd.DataFrame:
    """Return a frame with one column per feature: numbers as float64, missing values as NaN.

    Parameters
    ----------
    columns : mapping of str to sequence, each of length n
        Values by public column name, ``None`` for a missing value.

    Returns
    -------
    DataFrame of shape (n, columns of the schema)
    """
    return pd.DataFrame({column: _series(schema, column, columns[column]) for column in schema.columns})


def columns_from_frame(schema: Schema, frame: pd.DataFrame) -> dict[str, list[Value]]:
    """Return the feature columns of a frame as lists, ``None`` for a missing value.

    Other columns are ignored.

    Parameters
    ----------
    frame : DataFrame of shape (n, at least the columns of the schema)

    Raises
    ------
    ValueError
        If columns of features are absent; names them.
    """
    require_columns(frame, schema.columns)
    return {feature.column: _values(feature, frame[feature.column]) for feature in schema.features}


def require_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise a ValueError that names the columns that `frame` lacks."""
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"A DataFrame is expected, not {type(frame).__name__}.")
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise ValueError(f"The frame lacks the column(s) {', '.join(absent)}.")


def _series(schema: Schema, column: str, values: Column) -> "pd.Series[Any]":
    return pd.Series(list(values), dtype="float64" if column in schema.numbers else "object")


def _values(feature: Feature, series: "pd.Series[Any]") -> list[Value]:
    """Return the values of a column; NumPy is used because a training calls this thousands of times."""
    if feature.kind is Kind.NUMBER and series.dtype != np.float64:
        series = pd.to_numeric(series).astype("float64")
    cells = series.to_numpy()
    values, missing = cells.tolist(), pd.isna(cells)
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
    schema : Schema
    frame : DataFrame of shape (n, columns of the schema)
    y : ndarray of shape (n,)
        1 for a good outcome, 0 for a bad one.
    further : sequence of str
        Columns of the file that the schema does not have.
    absent : sequence of str
        Columns of the schema that the file does not have.
    left_out : int
        Rows that the target's value leaves out.
    left_out_why : mapping of str to int
        Those of them whose value says why, by reason.
    digest : str
        SHA-256 of the file's bytes, in hex.
    synthetic : bool
        True if any row was made by `ml.products.loan_prediction.sample`.
    """

    schema: Schema
    frame: pd.DataFrame
    y: Ints
    name: str
    digest: str
    synthetic: bool
    further: Sequence[str] = ()
    absent: Sequence[str] = ()
    left_out: int = 0
    left_out_why: Mapping[str, int] = field(default_factory=dict)


def read_training_csv(
    schema: Schema, path: Path, name: str | None = None, *, leave_refused_out: bool = False
) -> Dataset:
    """Read a training table.

    Parameters
    ----------
    name : str, optional
        Name of the table; the name of the file if None.
    leave_refused_out : bool
        Whether refused rows are left out. Then the digest is that of the table that says so.

    Raises
    ------
    DatasetError
        With every fault.
    """
    content = read_file_bytes(path)
    if leave_refused_out:
        content = without_refused_rows(schema, name or path.name, content)
    table = read_training_table(schema, name or path.name, content)
    return Dataset(
        schema=schema,
        frame=frame_from_columns(schema, columns_of(schema, table.records)),
        y=np.array(table.targets),
        name=table.name,
        digest=table.digest,
        synthetic=table.synthetic,
        further=table.further,
        absent=table.absent,
        left_out=table.left_out,
        left_out_why=table.left_out_why,
    )
