"""Fitted weight-of-evidence pipeline -> points table, proven equal on every training row."""

from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from ml.errors import CompilationError
from ml.frame import to_columns
from ml.model_columns import MODEL_COLUMNS, Floats, ModelColumn
from ml.scorecard import Bin, Scorecard, ScorecardColumn

TOLERANCE = 1e-9


def compile_scorecard(pipeline: Pipeline) -> Scorecard:
    """Return the points table of a fitted `scorecard` pipeline; columns with coefficient 0 are left out."""
    woe, logistic = pipeline["woe"], pipeline["logistic"]
    columns = [
        ScorecardColumn(model.column, edges, _bins(model, edges, weights * coefficient, counts))
        for model, edges, weights, counts, coefficient in zip(
            MODEL_COLUMNS, woe.edges_, woe.weights_, woe.counts_, logistic.coef_[0], strict=True
        )
        if coefficient > 0
    ]
    return Scorecard(logistic.intercept_[0], columns)


def check_equal(scorecard: Scorecard, pipeline: Pipeline, frame: pd.DataFrame) -> float:
    """Return the largest difference in probability between table and pipeline over `frame`, shape (n, 11).

    Raises
    ------
    CompilationError
        When it exceeds 1e-9.
    """
    table = np.array(scorecard.score(to_columns(frame)).probability)
    difference = float(np.abs(table - pipeline.predict_proba(frame)[:, 1]).max())
    if not difference <= TOLERANCE:
        raise CompilationError(f"The points table differs from its pipeline by {difference:g}.")
    return difference


def _bins(model: ModelColumn, edges: Floats, points: Floats, counts: Floats) -> list[Bin]:
    labels = [*_labels(model, [float(edge) for edge in edges]), "not given"]
    return [
        Bin(label, float(value), int(count.sum()), int(count[1]))
        for label, value, count in zip(labels, points, counts, strict=True)
    ]


def _labels(model: ModelColumn, edges: list[float]) -> list[str]:
    if model.choices:
        return _choice_labels(model.choices, edges)
    if not edges:
        return ["any value"]
    unit = f" {model.unit}" if model.unit else ""
    shown = [f"{edge:,.{model.digits}f}" for edge in edges]
    between = [f"{low} to under {high}{unit}" for low, high in pairwise(shown)]
    return [f"under {shown[0]}{unit}", *between, f"{shown[-1]}{unit} or more"]


def _choice_labels(choices: tuple[str, ...], edges: list[float]) -> list[str]:
    """Name each bin after the coded choices (0, 1, 2, ...) that fall into it."""
    bounds = [-np.inf, *edges, np.inf]
    return [
        " or ".join(choice for code, choice in enumerate(choices) if low <= code < high) or "other"
        for low, high in pairwise(bounds)
    ]
