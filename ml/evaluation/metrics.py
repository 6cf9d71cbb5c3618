"""How good a model is: repeated cross-validation with intervals, always beside the baselines."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it ships no types

from ml.applications.types import Floats, Ints
from ml.evaluation.cross_validation import (
    Folds,
    OutOfFoldProbabilities,
    out_of_fold_probabilities,
    repeated_folds,
)

N_BINS = 10


def expected_calibration_error(y: Ints, probability: Floats, bins: int = N_BINS) -> float:
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
    gaps = np.bincount(_bin_of(probability, bins), weights=probability - y, minlength=bins)
    return float(np.abs(gaps).sum() / len(y))


def reliability_table(y: Ints, probability: Floats, bins: int = N_BINS) -> list[dict[str, float]]:
    """Return predicted beside observed rate in the bins of `expected_calibration_error`.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    probability : ndarray of shape (n,)

    Returns
    -------
    list of dict
        ``{"low", "high", "rows", "predicted", "observed"}`` for each bin that has rows, lowest first: the
        bin's bounds, its mean probability, and the share of its rows with y = 1.
    """
    which = _bin_of(probability, bins)
    return [
        {
            "low": number / bins,
            "high": (number + 1) / bins,
            "rows": int((which == number).sum()),
            "predicted": float(probability[which == number].mean()),
            "observed": float(y[which == number].mean()),
        }
        for number in np.unique(which).tolist()
    ]


def _bin_of(probability: Floats, bins: int) -> Ints:
    return np.minimum((probability * bins).astype(np.int64), bins - 1)


ProgressCallback = Callable[[str, int, int], None]
MetricSummary = dict[str, float]
MetricSummaries = dict[str, MetricSummary]
FoldValues = dict[str, list[float]]

DEFAULT_THRESHOLD = 0.5
METRICS: dict[str, Callable[[Ints, Floats], float]] = {
    "accuracy": lambda y, p: float(accuracy_score(y, p >= DEFAULT_THRESHOLD)),
    "roc_auc": lambda y, p: float(roc_auc_score(y, p)),
    "log_loss": lambda y, p: float(log_loss(y, p, labels=[0, 1])),
    "brier": lambda y, p: float(brier_score_loss(y, p)),
}


def no_progress(phase: str, done: int, total: int) -> None:
    """Report nothing."""


def corrected_resampled_interval(
    values: Floats, test_share: float, level: float = 0.95
) -> tuple[float, float]:
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
        Estimator name to figure name to ``{"mean", "low", "high"}`` (95 % corrected interval over folds);
        ``ece`` has a mean only, that of the mean out-of-fold probability.
    """
    table = repeated_folds(frame, y, repeats=repeats, folds=folds, seed=seed)
    with single_threaded_blas():
        predicted = cross_predict(estimators, table, progress)
    return {name: summarise_model(run, fold_values(run)) for name, run in predicted.items()}


def single_threaded_blas() -> Any:
    """Return a context in which linear algebra runs on one thread.

    Tables of this size gain nothing from more, and beside other work two threads that wait for each other
    took ten times as long.
    """
    return threadpool_limits(limits=1)


def cross_predict(
    estimators: Mapping[str, Any], folds: Folds, progress: ProgressCallback
) -> dict[str, OutOfFoldProbabilities]:
    """Return the out-of-fold probabilities of every estimator, all on the same folds."""
    return {
        name: out_of_fold_probabilities(estimator, folds, partial(progress, f"cross-validating {name}"))
        for name, estimator in estimators.items()
    }


def fold_values(predicted: OutOfFoldProbabilities) -> FoldValues:
    """Return metric name to its value on each fold, in the order of the folds."""
    return {
        name: [measure(y, probability) for y, probability in predicted.by_fold()]
        for name, measure in METRICS.items()
    }


def summarise_model(predicted: OutOfFoldProbabilities, values: FoldValues) -> MetricSummaries:
    """Return the figures of one estimator as `cross_validate` does; `values` are its `fold_values`."""
    ece = expected_calibration_error(predicted.folds.y, predicted.mean())
    return summarise_metrics(values, predicted.folds.test_share) | {"ece": {"mean": ece}}


def summarise_metrics(values: FoldValues, test_share: float) -> MetricSummaries:
    """Return the `summarise_folds` of each metric."""
    return {name: summarise_folds(of_folds, test_share) for name, of_folds in values.items()}


def summarise_folds(values: Sequence[float], test_share: float) -> MetricSummary:
    """Return ``{"mean", "low", "high"}`` of per-fold `values` (95 % `corrected_resampled_interval`)."""
    array = np.array(values)
    low, high = corrected_resampled_interval(array, test_share)
    return {"mean": float(array.mean()), "low": low, "high": high}


class CreditHistoryRule(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Approve unless Credit_History is 0; the probability is the approval rate seen on that side."""

    def fit(self, X: pd.DataFrame, y: NDArray[Any]) -> Self:
        """Learn both rates from a frame with Credit_History and y of 0/1, shape (n,)."""
        self.classes_ = np.array([0, 1])
        bad = self._bad(X)
        self.rates_ = [float(y[side].mean()) if side.any() else 0.5 for side in (~bad, bad)]
        return self

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return probabilities of both classes, shape (n, 2)."""
        positive = np.where(self._bad(X), self.rates_[1], self.rates_[0])
        return np.column_stack([1 - positive, positive])

    @staticmethod
    def _bad(X: pd.DataFrame) -> NDArray[np.bool_]:
        return np.asarray(X["Credit_History"] == 0)


def baselines() -> dict[str, Any]:
    """Return unfitted baselines by name."""
    return {"one_rule": CreditHistoryRule(), "majority": DummyClassifier(strategy="prior")}
