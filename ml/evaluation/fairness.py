"""How a model treats groups of applicants: rates at the cut-off, each with the interval of its own rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ml.applications.schema import BY_COLUMN, GROUP_COLUMNS
from ml.applications.types import Flags, Floats, Ints
from ml.evaluation.metrics import DEFAULT_THRESHOLD
from ml.figures import MIN_ROWS_FOR_RATE, wilson_interval
from ml.tables.frames import columns_from_frame


def group_rates(frame: pd.DataFrame, y: Ints, probability: Floats) -> dict[str, dict[str, Any]]:
    """Return rates at the cut-off by Gender, Married and Property_Area.

    Parameters
    ----------
    frame : DataFrame of shape (n, >= 11)
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)
        Out of fold, so that no row is judged by a model that has seen its outcome.

    Returns
    -------
    dict
        Column to ``{"groups", "difference", "ratio"}``. ``group_rates`` lists, for each value with rows and
        then for missing (value ``None``), ``{"value", "rows", "too_few", "observed_approval_rate",
        "predicted_approval_rate", "true_positive_rate", "false_positive_rate", "accuracy"}``; a rate is what
        `rate_with_interval` returns. ``difference`` (largest minus smallest) and ``ratio`` (smallest by
        largest) compare
        the predicted approval rates of groups that are not too few; ``None`` when fewer than two are left,
        the ratio also when all these rates are 0.
    """
    columns = columns_from_frame(frame)
    approved = probability >= DEFAULT_THRESHOLD
    return {column: _column(column, columns[column], y == 1, approved) for column in GROUP_COLUMNS}


def rate_with_interval(hits: Flags) -> dict[str, float | None]:
    """Return the share of true in `hits`, shape (n,), with its `wilson_interval` interval; ``None`` when
    n is 0."""
    if not len(hits):
        return {"value": None, "low": None, "high": None}
    value = float(hits.mean())
    low, high = wilson_interval(value, len(hits))
    return {"value": value, "low": low, "high": high}


def _column(column: str, values: Sequence[Any], good: Flags, approved: Flags) -> dict[str, Any]:
    found = np.array(values, dtype=object)
    members = [(value, found == value) for value in (*BY_COLUMN[column].values, None)]
    listed = [_group(value, good[rows], approved[rows]) for value, rows in members if rows.any()]
    return {"groups": listed} | _with_gaps(listed)


def _group(value: Any, good: Flags, approved: Flags) -> dict[str, Any]:
    return {
        "value": value,
        "rows": len(good),
        "too_few": len(good) < MIN_ROWS_FOR_RATE,
        "observed_approval_rate": rate_with_interval(good),
        "predicted_approval_rate": rate_with_interval(approved),
        "true_positive_rate": rate_with_interval(approved[good]),
        "false_positive_rate": rate_with_interval(approved[~good]),
        "accuracy": rate_with_interval(good == approved),
    }


def _with_gaps(listed: list[dict[str, Any]]) -> dict[str, float | None]:
    rates = [group["predicted_approval_rate"]["value"] for group in listed if not group["too_few"]]
    if len(rates) < 2:
        return {"difference": None, "ratio": None}
    low, high = min(rates), max(rates)
    return {"difference": high - low, "ratio": low / high if high else None}
