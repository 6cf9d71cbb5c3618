"""What leaving the protected columns out costs: the scorecard's pipeline with them, for measuring alone.

No recipe is made here, so nothing of this can be chosen, compiled or served.
"""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ml.applications.schema import BY_COLUMN, PROTECTED
from ml.applications.types import Floats, Ints
from ml.evaluation.cross_validation import (
    Folds,
    fit_and_predict,
    out_of_fold_probabilities,
    repeated_folds,
)
from ml.evaluation.metrics import (
    METRICS,
    FoldValues,
    MetricSummary,
    ProgressCallback,
    fold_values,
    no_progress,
    summarise_folds,
    summarise_metrics,
)
from ml.products.loan_prediction.preprocessing import FrameStep
from ml.reports.report import HEADLINE_METRICS
from ml.scorecard.columns import MODEL_COLUMNS
from ml.tables.frames import columns_from_frame

COST_PHASE = "cross-validating with protected columns"


class ModelAndProtectedColumns(FrameStep):
    """Derive the scorecard's five columns, then code Gender and Married."""

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return floats of shape (n, 7), NaN for missing; a code is the value's place in the schema."""
        check_is_fitted(self)
        columns = columns_from_frame(X)
        derived = [column.values(columns) for column in MODEL_COLUMNS]
        return np.column_stack(derived + [self._codes(name, columns[name]) for name in PROTECTED])

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return the names of the seven columns."""
        return np.array([*(column.column for column in MODEL_COLUMNS), *PROTECTED], dtype=object)

    @staticmethod
    def _codes(name: str, values: list[Any]) -> Floats:
        code = {value: float(place) for place, value in enumerate(BY_COLUMN[name].values)}
        return np.array([code.get(value, np.nan) for value in values])


def pipeline_with_protected(scorecard: Pipeline) -> Pipeline:
    """Return an unfitted copy of the scorecard's pipeline that sees Gender and Married as nominal columns."""
    directions = (*scorecard["woe"].directions, *[0] * len(PROTECTED))
    coded = (*scorecard["woe"].coded, *[True] * len(PROTECTED))
    return Pipeline(
        [
            ("columns", ModelAndProtectedColumns()),
            ("woe", clone(scorecard["woe"]).set_params(directions=directions, coded=coded)),
            ("logistic", clone(scorecard["logistic"])),
        ]
    )


def protected_cost(
    scorecard: Pipeline, folds: Folds, without: FoldValues, progress: ProgressCallback = no_progress
) -> dict[str, Any]:
    """Cross-validate the scorecard with the protected columns on the folds on which it was without.

    Parameters
    ----------
    scorecard : Pipeline
        With the parameters chosen for it; they are not chosen anew.
    without : dict
        Its own `fold_values` on `folds`.

    Returns
    -------
    dict
        ``{"columns", "with", "difference"}``: the protected columns, then metric to ``{"mean", "low",
        "high"}``: with them, and with them minus without, fold by fold.
    """
    values = fold_values(
        out_of_fold_probabilities(pipeline_with_protected(scorecard), folds, partial(progress, COST_PHASE))
    )
    gains = {name: np.subtract(values[name], without[name]).tolist() for name in values}
    return {
        "columns": list(PROTECTED),
        "with": summarise_metrics(values, folds.test_share),
        "difference": summarise_metrics(gains, folds.test_share),
    }


PERCENTS = (20, 40, 60, 80, 100)
CURVE_PHASE = "learning curve"


def learning_curve(
    estimator: Any,
    frame: pd.DataFrame,
    y: Ints,
    *,
    repeats: int = 2,
    folds: int = 5,
    seed: int = 1,
    progress: ProgressCallback = no_progress,
) -> list[dict[str, Any]]:
    """Fit `estimator` on 20, 40, 60, 80 and 100 % of each training fold; measure it on the test fold.

    Parts are stratified, and each holds the rows of the smaller ones.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.

    Returns
    -------
    list of dict
        ``{"rows", "log_loss", "roc_auc", "accuracy"}`` for each part, smallest first: the mean number of rows
        fitted on, rounded, and figures ``{"mean", "low", "high"}``.
    """
    table = repeated_folds(frame, y, repeats=repeats, folds=folds, seed=seed)
    points = []
    for done, percent in enumerate(PERCENTS, 1):
        points.append(_point(estimator, table, percent))
        progress(CURVE_PHASE, done, len(PERCENTS))
    return points


def _point(estimator: Any, folds: Folds, percent: int) -> dict[str, Any]:
    parts = [
        _part(folds.y, train, percent, np.random.default_rng(number))
        for number, (train, _) in enumerate(folds.splits)
    ]
    measured = [
        (folds.y[test], fit_and_predict(estimator, folds, part, test))
        for part, (_, test) in zip(parts, folds.splits, strict=True)
    ]
    rows = round(float(np.mean([len(part) for part in parts])))
    return {"rows": rows} | {name: _figure(name, measured, folds) for name in HEADLINE_METRICS}


def _part(y: Ints, train: Ints, percent: int, rng: np.random.Generator) -> Ints:
    """Return `percent` of the training rows of each class, rounded up."""
    sides = [rng.permutation(train[y[train] == code]) for code in (0, 1)]
    return np.sort(np.concatenate([side[: -(-percent * len(side) // 100)] for side in sides]))


def _figure(name: str, measured: list[tuple[Ints, Floats]], folds: Folds) -> MetricSummary:
    # Parts of two training folds share no larger a share of rows than the folds, so the same correction does.
    return summarise_folds([METRICS[name](y, probability) for y, probability in measured], folds.test_share)
