"""Checked columns of a block as records, for those who store each row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml.applications.records import Record
from ml.applications.schema import FEATURES
from ml.scorecard.columns import Columns

_NAMES = ("loan_id", *(feature.name for feature in FEATURES))


def records_of(loan_ids: Sequence[str], columns: Columns) -> list[Any]:
    """Return the good rows of `ml.tables.block_reader.Applications`, which are not checked again."""
    values = zip(loan_ids, *(_plain(columns[feature.column]) for feature in FEATURES), strict=True)
    return [Record(**dict(zip(_NAMES, row, strict=True))) for row in values]


def _plain(column: Any) -> Sequence[Any]:
    """Return an array's values as Python's own, and NaN as the gap that it stands for."""
    if not isinstance(column, np.ndarray):
        return list(column)
    if column.dtype != object and np.isnan(column).any():
        gaps = np.isnan(column)
        column = column.astype(object)
        column[gaps] = None
    values: list[Any] = column.tolist()
    return values
