"""Baselines that every model is shown beside: the majority class, and one rule on one column."""

import math
from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier

from ml.applications.types import Columns, Flags, Floats, Ints
from ml.evaluation.cross_validation import Estimator
from ml.expressions.arrays import holds
from ml.schemas.model_columns import ModelColumn
from ml.schemas.schema import Schema
from ml.tables.frames import columns_from_frame

_CUTS = np.linspace(0.1, 0.9, 9)  # quantiles at which numbers are parted


class _Rule(NamedTuple):
    """Deny where the value of a model column lies in a part: at or above a cut, below it, or at one code."""

    column: ModelColumn
    part: str
    cut: float

    def denies(self, columns: Columns) -> Flags:
        values = self.column.values(columns)
        if self.part == "is":
            return np.equal(values, self.cut)
        return np.greater_equal(values, self.cut) if self.part == "from" else np.less(values, self.cut)

    def words(self) -> str:
        """Name the part that the rule tells from the rest, such as ``"Duration of 36 months or more"``."""
        label, cut = self.column.label, f"{self.cut:,.{self.column.digits}f} {self.column.unit}".rstrip()
        if self.part == "is":
            return f"{label}: {self.column.choices[int(self.cut)]}"
        return f"{label} of {cut} or more" if self.part == "from" else f"{label} below {cut}"


class OneRule(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """The one-rule baseline: approve unless the schema's baseline holds.

    The probability is the approval rate of the training rows on the same side of the rule. A schema without a
    baseline has the rule found in each fit: of all rules on one model column, the one with the lowest log
    loss on the training rows.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def fit(self, X: pd.DataFrame, y: Ints) -> Self:
        """Learn rule and rates from a frame with the schema's columns and y of 0 or 1, shape (n,)."""
        self.classes_ = np.array([0, 1])
        columns = columns_from_frame(self.schema, X)
        self.rule_ = None if self.schema.baseline is not None else _best_rule(self.schema, columns, y)
        bad = self._denies(columns)
        self.rates_ = [float(y[side].mean()) if side.any() else 0.5 for side in (~bad, bad)]
        return self

    def predict_proba(self, X: pd.DataFrame) -> Floats:
        """Return probabilities of both classes, shape (n, 2)."""
        bad = self._denies(columns_from_frame(self.schema, X))
        positive = np.where(bad, self.rates_[1], self.rates_[0])
        return np.column_stack([1 - positive, positive])

    def _denies(self, columns: Columns) -> Flags:
        if self.schema.baseline is not None:
            return holds(self.schema.baseline, columns)
        assert self.rule_ is not None  # noqa: S101 - a fit without baseline has a rule
        return self.rule_.denies(columns)


def baselines(schema: Schema) -> dict[str, Estimator]:
    """Return the unfitted baselines of a schema by name."""
    return {"one_rule": OneRule(schema), "majority": DummyClassifier(strategy="prior")}


def one_rule_words(schema: Schema, frame: pd.DataFrame, y: Ints) -> str:
    """Name the one-rule baseline: by the schema, or else by the rule that is found on all rows.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns of the schema)
    y : ndarray of shape (n,)
        0 or 1.
    """
    if schema.baseline is None:
        return _best_rule(schema, columns_from_frame(schema, frame), y).words()
    return schema.baseline_label or str(schema.document["baseline"]["approve_unless"]["text"])


def _best_rule(schema: Schema, columns: Columns, y: Ints) -> _Rule:
    rules = [rule for column in schema.model_columns for rule in _rules(column, columns)]
    return min(rules, key=lambda rule: _loss(rule.denies(columns), y))


def _rules(column: ModelColumn, columns: Columns) -> Iterator[_Rule]:
    values = column.values(columns)
    known = values[np.isfinite(values)]
    if column.direction == 0:
        yield from (_Rule(column, "is", float(code)) for code in np.unique(known))
        return
    cuts = np.unique(np.quantile(known, _CUTS)) if len(known) else np.zeros(1)
    parts = {1: ["below"], -1: ["from"]}.get(column.direction or 0, ["below", "from"])
    yield from (_Rule(column, part, float(cut)) for part in parts for cut in cuts)


def _loss(denied: Flags, y: Ints) -> float:
    """Return the sum of log losses if both sides of a rule get their own approval rate."""
    return sum(_entropy(y[side]) for side in (denied, ~denied))


def _entropy(y: Ints) -> float:
    good, rows = float(y.sum()), len(y)
    return -sum(count * math.log(count / rows) for count in (good, rows - good) if count)
