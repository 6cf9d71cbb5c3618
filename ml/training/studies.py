"""Studies beside a training: the cost of leaving protected columns out, and the learning curve.

No recipe uses the pipeline with protected columns, so it cannot be chosen, compiled or served.
"""

from collections.abc import Sequence
from functools import partial
from typing import TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ml.applications.schema import BY_COLUMN, PROTECTED
from ml.applications.types import Floats, Ints, Value
from ml.evaluation.cross_validation import (
    Estimator,
    Folds,
    fit_and_predict,
    out_of_fold_probabilities,
    repeated_folds,
)
from ml.evaluation.metrics import (
    METRICS,
    FoldValues,
    MetricSummaries,
    MetricSummary,
    ProgressCallback,
    fold_values,
    no_progress,
    summarise_folds,
    summarise_metrics,
)
from ml.figures import HEADLINE_METRICS
from ml.products.loan_prediction.preprocessing import FrameStep
from ml.scorecard.columns import MODEL_COLUMNS
from ml.tables.frames import columns_from_frame

COST_PHASE = "cross-validating with protected columns"


class ModelAndProtectedColumns(FrameStep):
    """A transformer to the scorecard's five columns and the codes of Gender and Married."""

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return floats of shape (n, 7), NaN for missing; the code of a value is its place in the schema."""
        check_is_fitted(self)
        columns = columns_from_frame(X)
        derived = [column.values(columns) for column in MODEL_COLUMNS]
        return np.column_stack(derived + [self._codes(name, columns[name]) for name in PROTECTED])

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Return the names of the seven columns."""
        return np.array([*(column.column for column in MODEL_COLUMNS), *PROTECTED], dtype=object)

    @staticmethod
    def _codes(name: str, values: Sequence[Value]) -> Floats:
        codes: dict[Value, float] = {value: float(code) for code, value in enumerate(BY_COLUMN[name].values)}
        return np.array([codes.get(value, np.nan) for value in values])


def pipeline_with_protected(scorecard: Pipeline) -> Pipeline:
    """Return an unfitted copy of the scorecard's pipeline with Gender and Married as nominal columns."""
    directions = (*scorecard["woe"].directions, *[0] * len(PROTECTED))
    coded = (*scorecard["woe"].coded, *[True] * len(PROTECTED))
    specials = (*scorecard["woe"].specials, *[()] * len(PROTECTED))
    return Pipeline(
        [
            ("columns", ModelAndProtectedColumns()),
            (
                "woe",
                clone(scorecard["woe"]).set_params(directions=directions, coded=coded, specials=specials),
            ),
            ("logistic", clone(scorecard["logistic"])),
        ]
    )


ProtectedCost = TypedDict(
    "ProtectedCost", {"columns": list[str], "with": MetricSummaries, "difference": MetricSummaries}
)
"""The protected columns, the metrics with them, and the metrics with them minus without, fold by fold."""


def protected_cost(
    scorecard: Pipeline, folds: Folds, without: FoldValues, progress: ProgressCallback = no_progress
) -> ProtectedCost:
    """Cross-validate the scorecard with the protected columns added.

    Parameters
    ----------
    scorecard : Pipeline
        The scorecard's pipeline with its chosen parameters, which are kept.
    folds : Folds
        The folds on which the scorecard itself was cross-validated.
    without : dict
        The scorecard's `fold_values` on `folds`.
    """
    values = fold_values(
        out_of_fold_probabilities(pipeline_with_protected(scorecard), folds, partial(progress, COST_PHASE))
    )
    differences = {name: np.subtract(values[name], without[name]).tolist() for name in values}
    return {
        "columns": list(PROTECTED),
        "with": summarise_metrics(values, folds.test_share),
        "difference": summarise_metrics(differences, folds.test_share),
    }


PERCENTS = (20, 40, 60, 80, 100)
CURVE_PHASE = "learning curve"
CurvePoint = dict[str, int | MetricSummary]


def learning_curve(
    estimator: Estimator,
    frame: pd.DataFrame,
    y: Ints,
    *,
    repeats: int = 2,
    folds: int = 5,
    seed: int = 1,
    progress: ProgressCallback = no_progress,
) -> list[CurvePoint]:
    """Fit `estimator` on 20, 40, 60, 80 and 100% of each training fold and measure it on the test fold.

    Parts are stratified, and each part contains the rows of the smaller parts.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.

    Returns
    -------
    list of dict
        ``{"rows", "log_loss", "roc_auc", "accuracy"}`` for each part, smallest first: the rounded mean number
        of training rows, and metrics ``{"mean", "low", "high"}``.
    """
    table = repeated_folds(frame, y, repeats=repeats, folds=folds, seed=seed)
    points = []
    for done, percent in enumerate(PERCENTS, 1):
        points.append(_point(estimator, table, percent))
        progress(CURVE_PHASE, done, len(PERCENTS))
    return points


def _point(estimator: Estimator, folds: Folds, percent: int) -> CurvePoint:
    parts = [
        _part(folds.y, train, percent, np.random.default_rng(number))
        for number, (train, _) in enumerate(folds.splits)
    ]
    measured = [
        (folds.y[test], fit_and_predict(estimator, folds, part, test))
        for part, (_, test) in zip(parts, folds.splits, strict=True)
    ]
    point: CurvePoint = {"rows": round(float(np.mean([len(part) for part in parts])))}
    return point | {name: _summary(name, measured, folds) for name in HEADLINE_METRICS}


def _part(y: Ints, train: Ints, percent: int, rng: np.random.Generator) -> Ints:
    """Return `percent` of the training rows of each class, rounded up."""
    classes = [rng.permutation(train[y[train] == code]) for code in (0, 1)]
    return np.sort(np.concatenate([rows[: -(-percent * len(rows) // 100)] for rows in classes]))


def _summary(name: str, measured: list[tuple[Ints, Floats]], folds: Folds) -> MetricSummary:
    # Parts of two training folds overlap no more than the folds themselves, so the same correction applies.
    return summarise_folds([METRICS[name](y, probability) for y, probability in measured], folds.test_share)
