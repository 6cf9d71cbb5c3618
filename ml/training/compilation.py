"""Compilation of a fitted weight-of-evidence pipeline to a points table, checked on every training row."""

from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from ml.applications.types import Floats
from ml.errors import CompilationError
from ml.scorecard.columns import MODEL_COLUMNS, ModelColumn
from ml.scorecard.scorecard import Bin, Scorecard, ScorecardColumn
from ml.tables.frames import columns_from_frame

TOLERANCE = 1e-9


def compile_scorecard(pipeline: Pipeline) -> Scorecard:
    """Return the points table of a fitted pipeline of the recipe `scorecard`.

    The points of a bin are its weight of evidence times its column's coefficient. Columns with coefficient 0
    are left out.
    """
    woe, logistic = pipeline["woe"], pipeline["logistic"]
    fitted = zip(
        *(MODEL_COLUMNS, woe.edges_, woe.weights_, woe.counts_, woe.seen_, logistic.coef_[0]), strict=True
    )
    columns = [
        _column(model, edges, weights * coefficient, counts, _unseen(model, seen))
        for model, edges, weights, counts, seen, coefficient in fitted
        if coefficient > 0
    ]
    return Scorecard(logistic.intercept_[0], columns)


def check_equal(scorecard: Scorecard, pipeline: Pipeline, frame: pd.DataFrame) -> float:
    """Return the largest difference in probability between points table and pipeline.

    Parameters
    ----------
    frame : DataFrame of shape (n, 11)
        Rows to score with both.

    Raises
    ------
    CompilationError
        If the difference exceeds 1e-9.
    """
    table = np.array(scorecard.score(columns_from_frame(frame)).probability)
    difference = float(np.abs(table - pipeline.predict_proba(frame)[:, 1]).max())
    if not difference <= TOLERANCE:
        raise CompilationError(f"The points table differs from its pipeline by {difference:g}.")
    return difference


def _unseen(model: ModelColumn, seen: Floats | None) -> list[int]:
    """Return the codes of choices that no training row had."""
    return [] if seen is None else [code for code in range(len(model.choices)) if code not in seen]


def _column(
    model: ModelColumn, edges: Floats, points: Floats, counts: Floats, unseen: list[int]
) -> ScorecardColumn:
    labels = [*_labels(model, [float(edge) for edge in edges], unseen), "not given"]
    bins = [
        Bin(label, float(value), int(count.sum()), int(count[1]))
        for label, value, count in zip(labels, points, counts, strict=True)
    ]
    if unseen:
        names = " or ".join(model.choices[code] for code in unseen)
        bins.insert(-1, Bin(f"{names}, not seen in training", 0.0, 0, 0))
    return ScorecardColumn(model.column, [float(edge) for edge in edges], bins, unseen)


def _labels(model: ModelColumn, edges: list[float], unseen: list[int]) -> list[str]:
    if model.choices:
        return _choice_labels(model.choices, edges, unseen)
    if not edges:
        return ["any value"]
    unit = f" {model.unit}" if model.unit else ""
    shown = [f"{edge:,.{model.digits}f}" for edge in edges]
    between = [f"{low} to under {high}{unit}" for low, high in pairwise(shown)]
    return [f"under {shown[0]}{unit}", *between, f"{shown[-1]}{unit} or more"]


def _choice_labels(choices: tuple[str, ...], edges: list[float], unseen: list[int]) -> list[str]:
    """Name each bin after the coded choices (0, 1, 2, ...) that fall into it."""
    bounds = [-np.inf, *edges, np.inf]
    seen = [(code, choice) for code, choice in enumerate(choices) if code not in unseen]
    return [
        " or ".join(choice for code, choice in seen if low <= code < high) or "other"
        for low, high in pairwise(bounds)
    ]
