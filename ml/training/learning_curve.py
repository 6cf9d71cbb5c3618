"""Whether more rows would help: figures of one estimator fitted on growing parts of the training folds."""

from typing import Any

import numpy as np
import pandas as pd

from ml.evaluation.cross_validation import Floats, Folds, Ints, fitted_probability, repeated_folds
from ml.evaluation.metrics import METRICS, Figure, Progress, figure, no_progress
from ml.reports.report import HEADLINE

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
    progress: Progress = no_progress,
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
        (folds.y[test], fitted_probability(estimator, folds, part, test))
        for part, (_, test) in zip(parts, folds.splits, strict=True)
    ]
    rows = round(float(np.mean([len(part) for part in parts])))
    return {"rows": rows} | {name: _figure(name, measured, folds) for name in HEADLINE}


def _part(y: Ints, train: Ints, percent: int, rng: np.random.Generator) -> Ints:
    """Return `percent` of the training rows of each class, rounded up."""
    sides = [rng.permutation(train[y[train] == code]) for code in (0, 1)]
    return np.sort(np.concatenate([side[: -(-percent * len(side) // 100)] for side in sides]))


def _figure(name: str, measured: list[tuple[Ints, Floats]], folds: Folds) -> Figure:
    # Parts of two training folds share no larger a share of rows than the folds, so the same correction does.
    return figure([METRICS[name](y, probability) for y, probability in measured], folds.test_share)
