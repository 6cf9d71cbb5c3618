"""Fairness metrics: rates by group at the threshold 0.5, each with its interval."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import pandas as pd

from ml.applications.types import Flags, Floats, Ints, Value
from ml.evaluation.metrics import DEFAULT_THRESHOLD
from ml.figures import MIN_ROWS_FOR_RATE, wilson_interval
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.tables.frames import columns_from_frame


class Rate(TypedDict):
    """A share of rows with its 95% interval, from 0 to 1; all ``None`` if there are no rows."""

    value: float | None
    low: float | None
    high: float | None


class GroupRates(TypedDict):
    """The rates of one group.

    Attributes
    ----------
    value : str, float or None
        The group's value in the column; ``None`` for missing values.
    too_few : bool
        Whether the group has too few rows to be compared.
    true_positive_rate, false_positive_rate : Rate
        Share of predicted approvals among the approved and among the denied rows.
    accuracy : Rate
        Share of rows whose prediction is right.
    """

    value: Value
    rows: int
    too_few: bool
    observed_approval_rate: Rate
    predicted_approval_rate: Rate
    true_positive_rate: Rate
    false_positive_rate: Rate
    accuracy: Rate


class ColumnGroups(TypedDict):
    """The groups of one column, and how far apart their predicted approval rates are.

    Attributes
    ----------
    difference, ratio : float or None
        Largest minus smallest rate, and smallest by largest, of groups that have enough rows. ``None`` for
        fewer than two such groups; the ratio is also ``None`` if all rates are 0.
    """

    groups: list[GroupRates]
    difference: float | None
    ratio: float | None


def group_rates(schema: Schema, frame: pd.DataFrame, y: Ints, probability: Floats) -> dict[str, ColumnGroups]:
    """Return rates at the threshold 0.5 by the schema's protected and compared columns.

    Parameters
    ----------
    frame : DataFrame of shape (n, at least the columns of the schema)
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)
        Out-of-fold approval probabilities.

    Returns
    -------
    dict of str to ColumnGroups
        By column. Values without rows are left out; the group of missing values comes last.
    """
    columns = columns_from_frame(schema, frame)
    approved = probability >= DEFAULT_THRESHOLD
    return {
        column: _column_groups(schema.by_column[column], columns[column], y == 1, approved)
        for column in schema.group_columns
    }


def rate_with_interval(hits: Flags) -> Rate:
    """Return the share of true values in `hits`, shape (n,), with its `wilson_interval`."""
    if not len(hits):
        return {"value": None, "low": None, "high": None}
    value = float(hits.mean())
    low, high = wilson_interval(value, len(hits))
    return {"value": value, "low": low, "high": high}


def _column_groups(
    feature: Feature, values: Sequence[Value], observed: Flags, predicted: Flags
) -> ColumnGroups:
    cells = np.array([feature.group_of(value) for value in values], dtype=object)
    members = [(value, cells == value) for value in (*feature.group_labels, None)]
    groups = [_group(value, observed[rows], predicted[rows]) for value, rows in members if rows.any()]
    rates = [group["predicted_approval_rate"]["value"] for group in groups if not group["too_few"]]
    known = [rate for rate in rates if rate is not None]
    if len(known) < 2:
        return {"groups": groups, "difference": None, "ratio": None}
    low, high = min(known), max(known)
    return {"groups": groups, "difference": high - low, "ratio": low / high if high else None}


def _group(value: Value, observed: Flags, predicted: Flags) -> GroupRates:
    return {
        "value": value,
        "rows": len(observed),
        "too_few": len(observed) < MIN_ROWS_FOR_RATE,
        "observed_approval_rate": rate_with_interval(observed),
        "predicted_approval_rate": rate_with_interval(predicted),
        "true_positive_rate": rate_with_interval(predicted[observed]),
        "false_positive_rate": rate_with_interval(predicted[~observed]),
        "accuracy": rate_with_interval(observed == predicted),
    }
