"""How well a scorecard separates, how much each column brings, and how far its points are uncertain.

Samples of training rows are drawn by the Bayesian bootstrap [1]_: each row gets a random weight, of mean 1,
from an exponential distribution. No row gets weight 0, so no bin and no class is ever empty. In each sample
the weights of evidence are counted anew and the logistic regression is fitted anew. The bins stay as they
are: that cut points would move as well is left out. Seeds are fixed.

.. [1] D. B. Rubin, "The Bayesian Bootstrap", The Annals of Statistics 9, 1981.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypedDict

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from ml.applications.types import Columns, Floats, Ints
from ml.evaluation.metrics import DEFAULT_THRESHOLD, MetricSummary
from ml.figures import Z_95
from ml.parallel.processes import Mapper
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.uncertainty import (
    PointsSamples,
    deviations_text,
    probability_interval,
)
from ml.training.bins import Sample

N_SAMPLES = 100
_SEED = 1
_MAX_STORED = 20_000  # deviations in a report: about 70 KB
_NEAR_SHARE = 0.1


class ColumnStrength(TypedDict):
    iv: float


class StrengthReport(TypedDict):
    """Plain JSON values.

    Attributes
    ----------
    columns : dict
        ``iv``, the information value of each column of the pipeline.
    gini, ks : dict
        ``{"mean", "low", "high"}``: Gini coefficient and Kolmogorov-Smirnov distance, on all rows, with 95%
        intervals.
    points : dict
        By column of the points table, the 95% interval ``[low, high]`` of the points of every bin.
    probability_width : float
        Width of the 95% interval of the probability: the median of the tenth of the rows that are nearest to
        the threshold.
    points_samples : dict
        For `ml.scorecard.uncertainty.probability_interval`.
    """

    columns: dict[str, ColumnStrength]
    gini: MetricSummary
    ks: MetricSummary
    points: dict[str, list[list[float]]]
    probability_width: float
    points_samples: PointsSamples


def measure_strength(
    scorecard: Scorecard,
    pipeline: Pipeline,
    columns: Columns,
    y: Ints,
    scores: Floats,
    *,
    threshold: float = DEFAULT_THRESHOLD,
    each: Mapper = map,
) -> StrengthReport:
    """Measure a scorecard on its training rows.

    Parameters
    ----------
    scorecard : Scorecard
        Compiled from `pipeline`.
    pipeline : Pipeline
        With the fitted steps ``woe`` and ``logistic``.
    columns : mapping of str to sequence, each of length n
        The training rows.
    y : ndarray of shape (n,)
        0 or 1.
    scores : ndarray of shape (n,)
        Scores of the rows by models that were not fitted on them.
    """
    found = [column.bins_of(columns) for column in scorecard.columns]
    bins = np.array(found, dtype=np.int64).reshape(len(found), len(y)).T
    bases, points = _resampled_points(scorecard, pipeline, bins, y, each)
    samples = _points_samples(scorecard, bases, points)
    gini, ks = _separation(y, scores)
    return {
        "columns": _information_values(scorecard, pipeline),
        "gini": gini,
        "ks": ks,
        "points": {
            column.column: [
                _interval(own, values) for own, values in zip(column.points, drawn.T, strict=True)
            ]
            for column, drawn in zip(scorecard.columns, points, strict=True)
        },
        "probability_width": _width(scorecard, samples, columns, bins, threshold),
        "points_samples": samples,
    }


def information_value(counts: Floats, weights: Floats) -> float:
    """Return the information value of a column.

    Parameters
    ----------
    counts : ndarray of shape (n_bins, 2)
        Non-events and events.
    weights : ndarray of shape (n_bins,)
        Weights of evidence.

    References
    ----------
    N. Siddiqi, "Credit Risk Scorecards", Wiley, 2006, chapter 6 (information value).
    """
    non_events, events = (counts / counts.sum(axis=0)).T
    return float(((events - non_events) * weights).sum())


def gini_and_ks(y: Ints, scores: Floats, weights: Floats) -> tuple[float, float]:
    """Return the Gini coefficient (2 AUC - 1) and the Kolmogorov-Smirnov distance of weighted rows.

    Parameters
    ----------
    y : ndarray of shape (n,)
        0 or 1.
    scores, weights : ndarray of shape (n,)
    """
    return _from_groups(y, np.unique(scores, return_inverse=True)[1], weights)


def _from_groups(y: Ints, groups: Ints, weights: Floats) -> tuple[float, float]:
    """Return Gini coefficient and distance; rows of equal scores are a group, groups rise with the score."""
    counts = np.bincount(2 * groups + y, weights, 2 * (groups.max() + 1)).reshape(-1, 2)
    shares = counts / counts.sum(axis=0)
    non_events, events = shares.cumsum(axis=0).T
    below = non_events - shares[:, 0] / 2
    return float(2 * (shares[:, 1] * below).sum() - 1), float(np.abs(events - non_events).max())


def _separation(y: Ints, scores: Floats) -> tuple[MetricSummary, MetricSummary]:
    groups = np.unique(scores, return_inverse=True)[1]
    drawn = np.array([_from_groups(y, groups, weights) for weights in _row_weights(len(y))])
    own = _from_groups(y, groups, np.ones(len(y)))
    return _summary(own[0], drawn[:, 0]), _summary(own[1], drawn[:, 1])


def _summary(value: float, drawn: Floats) -> MetricSummary:
    low, high = _interval(value, drawn)
    return {"mean": value, "low": low, "high": high}


def _interval(value: float, drawn: Floats) -> list[float]:
    half = Z_95 * float(drawn.std(ddof=1))
    return [float(value) - half, float(value) + half]


def _row_weights(count: int) -> Iterator[Floats]:
    random = np.random.default_rng(_SEED)
    for _ in range(N_SAMPLES):
        weights = random.exponential(size=count)
        yield weights * (count / weights.sum())


def _information_values(scorecard: Scorecard, pipeline: Pipeline) -> dict[str, ColumnStrength]:
    woe = pipeline["woe"]
    fitted = zip(scorecard.schema.by_model_column, woe.counts_, woe.weights_, strict=True)
    return {name: {"iv": information_value(counts, weights)} for name, counts, weights in fitted}


def _resampled_points(
    scorecard: Scorecard, pipeline: Pipeline, bins: Ints, y: Ints, each: Mapper
) -> tuple[Floats, list[Floats]]:
    """Return the bases, shape (samples,), and for each column the points, shape (samples, bins)."""
    drawn = list(each(partial(_points, scorecard, pipeline, bins, y), _row_weights(len(y))))
    bases = np.array([base for base, _ in drawn])
    return bases, [np.array(column) for column in zip(*(points for _, points in drawn), strict=True)]


def _points(
    scorecard: Scorecard, pipeline: Pipeline, bins: Ints, y: Ints, weights: Floats
) -> tuple[float, list[Floats]]:
    woe = pipeline["woe"]
    sample = Sample(y, weights, woe.smoothing, woe.shrinkage, woe.min_share, woe.min_errors_apart)
    evidence = [
        sample.evidence(sample.counts(places, len(column.bins)))
        for column, places in zip(scorecard.columns, bins.T, strict=True)
    ]
    if not evidence:
        return float(np.log(sample.totals[1] / sample.totals[0])), []
    table = np.column_stack([own[places] for own, places in zip(evidence, bins.T, strict=True)])
    fitted = clone(pipeline["logistic"]).fit(table, y, sample_weight=weights)
    points = [own * weight for own, weight in zip(evidence, fitted.coef_[0], strict=True)]
    return float(fitted.intercept_[0]), points


def _points_samples(scorecard: Scorecard, bases: Floats, points: Sequence[Floats]) -> PointsSamples:
    stored = _MAX_STORED // (1 + sum(len(column.bins) for column in scorecard.columns))
    kept = slice(max(2, min(stored, N_SAMPLES)))
    return {
        "base": deviations_text(bases[kept] - scorecard.base),
        "columns": {
            column.column: [deviations_text(values) for values in (drawn[kept] - column.points).T]
            for column, drawn in zip(scorecard.columns, points, strict=True)
        },
    }


def _width(
    scorecard: Scorecard, samples: PointsSamples, columns: Columns, bins: Ints, threshold: float
) -> float:
    """Return the median width of the intervals of the rows that are nearest to the threshold."""
    scores = scorecard.score(columns)
    distances = np.abs(np.array(scores.probability) - threshold)
    nearest = distances.argsort(kind="stable")[: max(1, round(_NEAR_SHARE * len(distances)))]
    names = [column.column for column in scorecard.columns]
    log_odds = np.array(scores.log_odds)[nearest]
    intervals = [
        probability_interval(samples, own, dict(zip(names, places, strict=True)))
        for own, places in zip(log_odds.tolist(), bins[nearest].tolist(), strict=True)
    ]
    return float(np.median([high - low for low, high in intervals]))
