"""Studies beside a training: the cost of leaving protected columns out, and the learning curve.

No recipe uses the pipeline with protected columns, so it cannot be chosen, compiled or served.
"""

from functools import partial
from typing import TypedDict

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from ml.applications.types import Floats, Ints
from ml.evaluation.cross_validation import (
    Estimator,
    Folds,
    fit_and_predict,
    out_of_fold_probabilities,
    repeated_folds,
    take_stateless_step,
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
from ml.parallel.processes import Mapper
from ml.schemas.schema import Schema
from ml.training.frame_steps import ModelAndProtectedColumns

COST_PHASE = "cross-validating with protected columns"


def pipeline_with_protected(schema: Schema, scorecard: Pipeline) -> Pipeline:
    """Return an unfitted copy of the scorecard's pipeline with the protected columns as further columns."""
    protected = [schema.by_column[name] for name in schema.protected]
    added = {
        "directions": tuple(0 if feature.choices else None for feature in protected),
        "coded": tuple(bool(feature.choices) for feature in protected),
        "specials": tuple(tuple(code for code, _ in feature.special) for feature in protected),
    }
    woe = clone(scorecard["woe"])
    woe.set_params(**{name: (*getattr(woe, name), *values) for name, values in added.items()})
    return Pipeline(
        [
            ("columns", ModelAndProtectedColumns(schema)),
            ("woe", woe),
            ("logistic", clone(scorecard["logistic"])),
        ]
    )


ProtectedCost = TypedDict(
    "ProtectedCost", {"columns": list[str], "with": MetricSummaries, "difference": MetricSummaries}
)
"""The protected columns, the metrics with them, and the metrics with them minus without, fold by fold."""


def protected_cost(
    schema: Schema,
    scorecard: Pipeline,
    folds: Folds,
    without: FoldValues,
    *,
    progress: ProgressCallback = no_progress,
    each: Mapper = map,
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
        out_of_fold_probabilities(
            pipeline_with_protected(schema, scorecard), folds, partial(progress, COST_PHASE), each
        )
    )
    differences = {name: np.subtract(values[name], without[name]).tolist() for name in values}
    return {
        "columns": list(schema.protected),
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
    each: Mapper = map,
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
        points.append(_point(estimator, table, percent, each))
        progress(CURVE_PHASE, done, len(PERCENTS))
    return points


def _point(estimator: Estimator, folds: Folds, percent: int, each: Mapper) -> CurvePoint:
    splits = [
        (_part(folds.y, train, percent, np.random.default_rng(number)), test)
        for number, (train, test) in enumerate(folds.splits)
    ]
    learner, rows = take_stateless_step(estimator, folds.frame)
    predicted = each(partial(fit_and_predict, learner, rows, folds.y), splits)
    measured = [
        (folds.y[test], probability) for (_, test), probability in zip(splits, predicted, strict=True)
    ]
    point: CurvePoint = {"rows": round(float(np.mean([len(part) for part, _ in splits])))}
    return point | {name: _summary(name, measured, folds) for name in HEADLINE_METRICS}


def _part(y: Ints, train: Ints, percent: int, rng: np.random.Generator) -> Ints:
    """Return `percent` of the training rows of each class, rounded up."""
    classes = [rng.permutation(train[y[train] == code]) for code in (0, 1)]
    return np.sort(np.concatenate([rows[: -(-percent * len(rows) // 100)] for rows in classes]))


def _summary(name: str, measured: list[tuple[Ints, Floats]], folds: Folds) -> MetricSummary:
    # Parts of two training folds overlap no more than the folds themselves, so the same correction applies.
    return summarise_folds([METRICS[name](y, probability) for y, probability in measured], folds.test_share)
