"""Two versions beside each other on one table, where no row is judged by a model that was trained on it.

A row that stands in a version's own training table takes that version's out-of-fold probability; any other
row takes the probability of the artefact as it is. Two rows are the same when all input columns are equal.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from ml.applications.schema import COLUMNS
from ml.applications.types import Columns, Floats, Ints
from ml.tables.frames import Dataset, columns_from_frame

Interval = dict[str, float]

RESAMPLES, SEED = 2000, 1
_Z = float(stats.norm.ppf(0.975))
_MIN_PROBABILITY = float(np.finfo(np.float64).eps)  # as in scikit-learn's log loss


@dataclass(frozen=True, eq=False)
class ComparedVersion:
    """A trained version, as the gate needs it.

    Attributes
    ----------
    name : str
        Such as ``"version 3"``.
    dataset : Dataset
        Its own training table.
    out_of_fold : ndarray of shape (repeats, n)
        See `ml.training.training.TrainedModel`; in the order of the table's rows.
    score : callable
        Probabilities of columns by the artefact as it is; asked only of rows outside the table.
    """

    name: str
    dataset: Dataset
    out_of_fold: Floats
    score: Callable[[Columns], Sequence[float]]

    @cached_property
    def _row_of(self) -> dict[Hashable, int]:
        return {key: row for row, key in enumerate(_keys(columns_from_frame(self.dataset.frame)))}

    def probabilities(self, dataset: Dataset) -> Floats:
        """Return what the version says of a table's rows, shape (repeats, n)."""
        columns = columns_from_frame(dataset.frame)
        own = np.array([self._row_of.get(key, -1) for key in _keys(columns)])
        found = self.out_of_fold[:, own]
        others = np.flatnonzero(own < 0)
        if len(others):
            found[:, others] = self.score({name: [columns[name][row] for row in others] for name in COLUMNS})
        return found

    def seen(self, dataset: Dataset) -> int:
        """Return how many of a table's rows stand in the version's own."""
        return sum(key in self._row_of for key in _keys(columns_from_frame(dataset.frame)))

    @property
    def different_rows(self) -> tuple[int, int]:
        """The number of different rows of the version's table, and of those that were denied."""
        denied = self.dataset.y == 0
        keys = _keys(columns_from_frame(self.dataset.frame))
        return len(set(keys)), len({key for key, no in zip(keys, denied, strict=True) if no})


def _keys(columns: Columns) -> list[Hashable]:
    return list(zip(*(columns[column] for column in COLUMNS), strict=True))


def log_loss_difference(own: Floats, other: Floats, y: Ints) -> Interval:
    """Return mean and 95 % interval of the difference in log loss, ``own - other``.

    A row's loss is the mean over the repeats. The interval is that of a paired bootstrap over rows.

    Parameters
    ----------
    own, other : ndarray of shape (repeats, n)
        Probabilities by two versions.
    y : ndarray of shape (n,)
        0 or 1.
    """
    gap = _losses(own, y) - _losses(other, y)
    return bootstrap_interval(float(gap.mean()), bootstrap_sums(gap[:, None])[:, 0] / len(gap))


def _losses(probability: Floats, y: Ints) -> Floats:
    of_truth = np.clip(np.where(y == 1, probability, 1 - probability), _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    losses: Floats = -np.log(of_truth).mean(axis=0)
    return losses


def auc_difference(own: Floats, other: Floats, y: Ints) -> Interval:
    """Return the difference in ROC-AUC, averaged over the repeats, with its 95 % interval.

    Parameters are those of `log_loss_difference`.

    References
    ----------
    E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the Areas under Two or More Correlated Receiver
    Operating Characteristic Curves", Biometrics 44, 1988.
    """
    gap = _placements(own, y) - _placements(other, y)
    good, bad = gap[y == 1], gap[y == 0]
    mean = float(good.mean())
    half = _Z * float(np.sqrt(good.var(ddof=1) / len(good) + bad.var(ddof=1) / len(bad)))
    return {"mean": mean, "low": mean - half, "high": mean + half}


def _placements(probability: Floats, y: Ints) -> Floats:
    """Return, for each row, the share of the other class's rows that it is ranked rightly against."""
    good, bad = y == 1, y == 0
    shares = np.empty(probability.shape)
    for placed, found in zip(shares, probability, strict=True):
        ranks = stats.rankdata(found)
        placed[good] = (ranks[good] - stats.rankdata(found[good])) / bad.sum()
        placed[bad] = 1 - (ranks[bad] - stats.rankdata(found[bad])) / good.sum()
    mean: Floats = shares.mean(axis=0)
    return mean


def bootstrap_sums(values: Floats) -> Floats:
    """Draw rows of `values`, shape (n, k), with replacement; return their sums, shape (RESAMPLES, k).

    The same number of rows gives the same draws.
    """
    rng, rows = np.random.default_rng(SEED), len(values)
    drawn = (np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(RESAMPLES))
    return np.array([counts @ values for counts in drawn])


def bootstrap_interval(mean: float, draws: Floats) -> Interval:
    """Return a mean with the 95 % interval of its bootstrap draws."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"mean": mean, "low": float(low), "high": float(high)}
