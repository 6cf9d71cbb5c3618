"""Compilation of a fitted weight-of-evidence pipeline to a points table, checked on every training row."""

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from ml.applications.types import Floats
from ml.errors import CompilationError
from ml.schemas.model_columns import ModelColumn
from ml.schemas.schema import Schema
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scorecard_columns import Bin, ScorecardColumn
from ml.tables.frames import columns_from_frame
from ml.training.bin_labels import bin_labels
from ml.training.bins import ColumnBins

TOLERANCE = 1e-9
_NOTHING = 1e-12  # what rounding leaves of 0


def compile_scorecard(schema: Schema, pipeline: Pipeline) -> Scorecard:
    """Return the points table of a fitted pipeline of the recipe `scorecard`.

    The points of a bin are its weight of evidence times its column's coefficient. Columns that change no
    score are left out: those with coefficient 0, and those of which no training row had a value.

    Parameters
    ----------
    schema : Schema
        Its model columns are those of the pipeline, in their order.
    pipeline : Pipeline
        With the fitted steps ``woe`` and ``logistic``.
    """
    woe, logistic = pipeline["woe"], pipeline["logistic"]
    fitted = zip(schema.model_columns, woe.bins_, woe.weights_, woe.counts_, logistic.coef_[0], strict=True)
    columns = [
        _column(model, bins, weights * coefficient, counts)
        for model, bins, weights, counts, coefficient in fitted
        if np.abs(weights * coefficient).max() > _NOTHING
    ]
    return Scorecard(schema, logistic.intercept_[0], columns)


def check_equal(scorecard: Scorecard, pipeline: Pipeline, frame: pd.DataFrame) -> float:
    """Return the largest difference in probability between points table and pipeline.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns of the schema)
        Rows to score with both.

    Raises
    ------
    CompilationError
        If the difference exceeds 1e-9.
    """
    table = np.array(scorecard.score(columns_from_frame(scorecard.schema, frame)).probability)
    difference = float(np.abs(table - pipeline.predict_proba(frame)[:, 1]).max())
    if not difference <= TOLERANCE:
        raise CompilationError(f"The points table differs from its pipeline by {difference:g}.")
    return difference


def _column(model: ModelColumn, fitted: ColumnBins, points: Floats, counts: Floats) -> ScorecardColumn:
    edges = [float(edge) for edge in fitted.edges]
    groups = None if fitted.groups is None else [[int(code) for code in group] for group in fitted.groups]
    unseen = _unseen(model, fitted)
    special = [float(value) for value in fitted.special]
    labels = bin_labels(model, edges, groups, special, unseen)
    bins = [
        Bin(label, float(value), round(float(count.sum())), round(float(count[1])))
        for label, value, count in zip(labels, points, counts, strict=True)
    ]
    if not unseen:
        del bins[fitted.unseen]
    cuts = {"edges": edges} if groups is None else {"groups": groups}
    return ScorecardColumn(model, bins, **cuts, special=special, unseen=unseen)


def _unseen(model: ModelColumn, fitted: ColumnBins) -> list[int]:
    """Return the codes of choices that no training row had."""
    if fitted.seen is None:
        return []
    return [code for code in range(len(model.choices)) if code not in fitted.seen]
