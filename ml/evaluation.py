"""How good a model is: repeated cross-validation with intervals, always beside the baselines."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.base import clone
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it ships no types

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
Figures = dict[str, Any]
Splits = list[tuple[Ints, Ints]]

THRESHOLD = 0.5
METRICS: dict[str, Callable[[Ints, Floats], float]] = {
    "accuracy": lambda y, p: float(accuracy_score(y, p >= THRESHOLD)),
    "roc_auc": lambda y, p: float(roc_auc_score(y, p)),
    "log_loss": lambda y, p: float(log_loss(y, p, labels=[0, 1])),
    "brier": lambda y, p: float(brier_score_loss(y, p)),
}


def no_progress(phase: str, done: int, total: int) -> None:
    """Report nothing."""


def expected_calibration_error(y: Ints, probability: Floats, bins: int = 10) -> float:
    """Return the mean gap between predicted and observed rate over equal-width bins, weighted by rows.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)

    References
    ----------
    M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", AAAI 2015, section "Calibration measures".
    """
    which = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = np.bincount(which, weights=probability - y, minlength=bins)
    return float(np.abs(gaps).sum() / len(y))


def corrected_interval(values: Floats, test_share: float, level: float = 0.95) -> tuple[float, float]:
    """Return a confidence interval of the mean of per-fold `values`.

    Folds share training rows, so the plain standard error is too small; its variance is multiplied by
    ``1 + n_folds * test_share / (1 - test_share)``.

    References
    ----------
    C. Nadeau, Y. Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003, section 3.
    """
    variance = values.var(ddof=1) * (1 / len(values) + test_share / (1 - test_share))
    half = stats.t.ppf((1 + level) / 2, len(values) - 1) * np.sqrt(variance)
    return float(values.mean() - half), float(values.mean() + half)


def cross_validate(
    estimators: Mapping[str, Any],
    frame: pd.DataFrame,
    y: Ints,
    *,
    repeats: int = 10,
    folds: int = 5,
    seed: int = 1,
    progress: Progress = no_progress,
) -> dict[str, Figures]:
    """Cross-validate every estimator on the same folds.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.

    Returns
    -------
    dict
        Estimator name to figure name to ``{"mean", "low", "high"}`` (95 % corrected interval over folds);
        ``ece`` has a mean only, that of the mean out-of-fold probability.
    """
    splits = list(
        RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed).split(frame, y)
    )
    with one_thread():
        return {
            name: _figures(
                y,
                splits,
                _predicted(estimator, frame, y, splits, partial(progress, f"cross-validating {name}")),
                folds,
            )
            for name, estimator in estimators.items()
        }


def one_thread() -> Any:
    """Return a context in which linear algebra runs on one thread.

    Tables of this size gain nothing from more, and beside other work two threads that wait for each other
    took ten times as long.
    """
    return threadpool_limits(limits=1)


def _predicted(
    estimator: Any, frame: pd.DataFrame, y: Ints, splits: Splits, progress: Callable[[int, int], None]
) -> list[Floats]:
    """Fit `estimator` on each split's training rows; return the probabilities of its test rows."""
    predicted = []
    for number, (train, test) in enumerate(splits, 1):
        fitted = clone(estimator).fit(frame.iloc[train], y[train])
        predicted.append(fitted.predict_proba(frame.iloc[test])[:, 1])
        progress(number, len(splits))
    return predicted


def _figures(y: Ints, splits: Splits, predicted: list[Floats], folds: int) -> Figures:
    tests = [(test, probability) for (_, test), probability in zip(splits, predicted, strict=True)]
    by_fold = {
        metric: [measure(y[test], probability) for test, probability in tests]
        for metric, measure in METRICS.items()
    }
    figures: dict[str, Any] = {metric: _figure(values, 1 / folds) for metric, values in by_fold.items()}
    repeats = len(splits) // folds
    out_of_fold = np.zeros(len(y))
    for test, probability in tests:
        out_of_fold[test] += probability / repeats
    return figures | {"ece": {"mean": expected_calibration_error(y, out_of_fold)}, "folds": by_fold}


def _figure(values: list[float], test_share: float) -> dict[str, float]:
    array = np.array(values)
    low, high = corrected_interval(array, test_share)
    return {"mean": float(array.mean()), "low": low, "high": high}
