"""Metrics of a model with confidence intervals, calibration, and the baselines to compare it with."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it ships no types

from ml.applications.types import Floats, Ints
from ml.evaluation.cross_validation import (
    Estimator,
    Folds,
    OutOfFoldProbabilities,
    out_of_fold_probabilities,
    repeated_folds,
)
from ml.parallel.processes import Mapper

N_BINS = 10

ProgressCallback = Callable[[str, int, int], None]
"""Called with a phase, the steps done and their total."""

MetricSummary = dict[str, float]
"""``{"mean", "low", "high"}``: a metric or difference with its 95% interval."""

MetricSummaries = dict[str, MetricSummary]
FoldValues = dict[str, list[float]]
"""By metric, its value on each fold."""

DEFAULT_THRESHOLD = 0.5


def accuracy(y: Ints, probability: Floats) -> float:
    """Return the share of rows on whose side of the threshold the probability is.

    This function and the next ones return the numbers of `sklearn.metrics`, bit for bit. A training measures
    a thousand folds of a hundred rows, and scikit-learn spends most of a call on checks of its arguments.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)
    """
    return float(((probability >= DEFAULT_THRESHOLD) == y).mean())


def roc_auc(y: Ints, probability: Floats) -> float:
    """Return the area under the ROC curve; NaN if all rows are of one class (see `accuracy`)."""
    order = np.argsort(-probability, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(probability[order])), len(y) - 1)  # of rows of one probability
    good = y[order].cumsum()[ends].astype(np.float64)
    bad = 1 + ends - good
    if not good[-1] or not bad[-1]:
        return np.nan
    corners = np.ones(len(ends), dtype=bool)  # points on a straight line are left out
    corners[1:-1] = (np.diff(bad, 2) != 0) | (np.diff(good, 2) != 0)
    rates = (np.append(0.0, counts[corners]) / counts[-1] for counts in (good, bad))
    return float(np.trapezoid(*rates))


def log_loss(y: Ints, probability: Floats) -> float:
    """Return the mean log loss (see `accuracy`)."""
    nothing = np.finfo(np.float64).eps
    of_outcome = np.where(y == 1, probability, 1 - probability).clip(nothing, 1 - nothing)
    return float((-np.log(of_outcome)).mean())


def brier(y: Ints, probability: Floats) -> float:
    """Return the mean squared difference of outcome and probability (see `accuracy`)."""
    of_bad, of_good = (1 - y) - (1 - probability), y - probability
    return float((of_bad**2 + of_good**2).mean() * 0.5)


METRICS: dict[str, Callable[[Ints, Floats], float]] = {
    "accuracy": accuracy,
    "roc_auc": roc_auc,
    "log_loss": log_loss,
    "brier": brier,
}


def expected_calibration_error(y: Ints, probability: Floats, bins: int = N_BINS) -> float:
    """Return the mean absolute difference between predicted and observed rate over bins of equal width.

    Bins are weighted by their rows.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)
    bins : int

    Returns
    -------
    float
        From 0 (calibrated) to 1.

    References
    ----------
    M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", AAAI 2015, section "Calibration measures".
    """
    differences = np.bincount(_bin_of(probability, bins), weights=probability - y, minlength=bins)
    return float(np.abs(differences).sum() / len(y))


def reliability_table(y: Ints, probability: Floats, bins: int = N_BINS) -> list[dict[str, float]]:
    """Return predicted and observed rate in each bin of `expected_calibration_error`.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)

    Returns
    -------
    list of dict
        ``{"low", "high", "rows", "predicted", "observed"}`` for each bin with rows, lowest first: the bin's
        bounds and rows, its mean probability, and the share of its rows with y = 1.
    """
    numbers = _bin_of(probability, bins)
    return [
        {
            "low": number / bins,
            "high": (number + 1) / bins,
            "rows": int((numbers == number).sum()),
            "predicted": float(probability[numbers == number].mean()),
            "observed": float(y[numbers == number].mean()),
        }
        for number in np.unique(numbers).tolist()
    ]


def _bin_of(probability: Floats, bins: int) -> Ints:
    return np.minimum((probability * bins).astype(np.int64), bins - 1)


def no_progress(phase: str, done: int, total: int) -> None:
    """Report nothing."""


def corrected_resampled_interval(
    values: Floats, test_share: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the confidence interval of the mean of a metric over folds.

    Folds share training rows, so the plain standard error is too small. The mean's variance is multiplied by
    ``1 + n_folds * test_share / (1 - test_share)``.

    Parameters
    ----------
    values : ndarray of shape (n_folds,)
    test_share : float
        Share of rows that a fold tests on, between 0 and 1.

    References
    ----------
    C. Nadeau, Y. Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003, section 3.
    """
    variance = values.var(ddof=1) * (1 / len(values) + test_share / (1 - test_share))
    half = stats.t.ppf((1 + level) / 2, len(values) - 1) * np.sqrt(variance)
    return float(values.mean() - half), float(values.mean() + half)


def cross_validate(
    estimators: Mapping[str, Estimator],
    frame: pd.DataFrame,
    y: Ints,
    *,
    repeats: int = 10,
    folds: int = 5,
    seed: int = 1,
    progress: ProgressCallback = no_progress,
) -> dict[str, MetricSummaries]:
    """Cross-validate every estimator on the same folds.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.

    Returns
    -------
    dict
        Estimator name to metric name to ``{"mean", "low", "high"}`` (corrected 95% interval over folds);
        ``ece`` has only a mean, computed from the mean out-of-fold probabilities.
    """
    table = repeated_folds(frame, y, repeats=repeats, folds=folds, seed=seed)
    with single_threaded_blas():
        predicted = cross_predict(estimators, table, progress)
    return {name: summarise_model(run, fold_values(run)) for name, run in predicted.items()}


def single_threaded_blas() -> AbstractContextManager[object]:
    """Return a context in which linear algebra uses one thread.

    Tables of this size gain nothing from more threads. On a busy machine two threads took ten times as long,
    since they wait for each other.
    """
    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def cross_predict(
    estimators: Mapping[str, Estimator], folds: Folds, progress: ProgressCallback, each: Mapper = map
) -> dict[str, OutOfFoldProbabilities]:
    """Return the out-of-fold probabilities of every estimator, all on the same folds."""
    return {
        name: out_of_fold_probabilities(estimator, folds, partial(progress, f"cross-validating {name}"), each)
        for name, estimator in estimators.items()
    }


def fold_values(predicted: OutOfFoldProbabilities) -> FoldValues:
    """Return each metric's value on each fold, in the order of the folds."""
    return {
        name: [measure(y, probability) for y, probability in predicted.by_fold()]
        for name, measure in METRICS.items()
    }


def summarise_model(predicted: OutOfFoldProbabilities, values: FoldValues) -> MetricSummaries:
    """Return one estimator's metrics as `cross_validate` does, from its `fold_values`."""
    ece = expected_calibration_error(predicted.folds.y, predicted.mean())
    return summarise_metrics(values, predicted.folds.test_share) | {"ece": {"mean": ece}}


def summarise_metrics(values: FoldValues, test_share: float) -> MetricSummaries:
    """Return the `summarise_folds` of each metric."""
    return {name: summarise_folds(of_folds, test_share) for name, of_folds in values.items()}


def summarise_folds(values: Sequence[float], test_share: float) -> MetricSummary:
    """Return mean and 95% `corrected_resampled_interval` of a metric's `values` on each fold."""
    array = np.array(values)
    low, high = corrected_resampled_interval(array, test_share)
    return {"mean": float(array.mean()), "low": low, "high": high}
