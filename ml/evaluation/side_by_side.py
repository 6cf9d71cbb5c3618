"""Comparison of two versions on one table, in which no row is scored by a model that was trained on it.

A row of a version's own training table takes the version's out-of-fold probability; the artefact scores any
other row. Two rows are the same if all input columns are equal.
"""

import functools
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ml.applications.types import Columns, Floats, Ints
from ml.figures import Z_95
from ml.tables.frames import Dataset, columns_from_frame

Interval = dict[str, float]

RESAMPLES, SEED = 2000, 1
_MOST_KEPT = 4_000_000  # numbers of draws that are kept
_MIN_PROBABILITY = float(np.finfo(np.float64).eps)  # as in scikit-learn's log loss


@dataclass(frozen=True, eq=False)
class ComparedVersion:
    """A trained version with all that a comparison needs.

    Attributes
    ----------
    name : str
        Such as ``"version 3"``; part of the checks' details.
    dataset : Dataset
        The version's own training table.
    out_of_fold : ndarray of shape (repeats, n)
        Probabilities of the table's rows, in their order (see `ml.training.training.TrainedModel`).
    score : callable
        Returns the artefact's probabilities for columns; called only for rows outside the table.
    other_table : Dataset, str or None
        The other version's table as this version's schema reads it, with the other's outcomes, or why this
        version cannot be asked about it. ``None`` if both versions have one schema.
    """

    name: str
    dataset: Dataset
    out_of_fold: Floats
    score: Callable[[Columns], Sequence[float]]
    other_table: Dataset | str | None = None

    def table_of(self, other: "ComparedVersion") -> Dataset | str:
        """Return another version's table as this version reads it, or why it cannot be asked."""
        if self.dataset.schema is other.dataset.schema:
            return other.dataset
        return self.other_table if self.other_table is not None else "its table was not read."

    @functools.cached_property
    def _row_of(self) -> dict[Hashable, int]:
        return {key: row for row, key in enumerate(_keys(self._columns_of(self.dataset)))}

    def probabilities(self, dataset: Dataset) -> Floats:
        """Return the version's probabilities of a table's rows, shape (repeats, n)."""
        columns = self._columns_of(dataset)
        own_rows = np.array([self._row_of.get(key, -1) for key in _keys(columns)])
        probabilities = self.out_of_fold[:, own_rows]
        unseen = np.flatnonzero(own_rows < 0)
        if len(unseen):
            rows = {name: [columns[name][row] for row in unseen.tolist()] for name in columns}
            probabilities[:, unseen] = self.score(rows)
        return probabilities

    def _columns_of(self, dataset: Dataset) -> Columns:
        """Return a table's columns in the order of the version's own schema."""
        return columns_from_frame(self.dataset.schema, dataset.frame)

    def seen(self, dataset: Dataset) -> int:
        """Return how many of a table's rows are also in the version's own table."""
        return sum(key in self._row_of for key in _keys(self._columns_of(dataset)))

    @property
    def different_rows(self) -> tuple[int, int]:
        """Numbers of different rows of the version's table, and of different denied rows."""
        keys = _keys(self._columns_of(self.dataset))
        denied = {key for key, target in zip(keys, self.dataset.y, strict=True) if target == 0}
        return len(set(keys)), len(denied)


def _keys(columns: Columns) -> list[Hashable]:
    return list(zip(*columns.values(), strict=True))


def log_loss_difference(candidate: Floats, active: Floats, y: Ints) -> Interval:
    """Return mean and 95% interval of the difference in log loss, ``candidate - active``.

    A row's loss is averaged over the repeats. The interval comes from a paired bootstrap over rows.

    Parameters
    ----------
    candidate, active : ndarray of shape (repeats, n)
        Approval probabilities by two versions.
    y : ndarray of shape (n,)
        0 or 1.
    """
    differences = _losses(candidate, y) - _losses(active, y)
    draws = bootstrap_sums(differences[:, None])[:, 0] / len(differences)
    return bootstrap_interval(float(differences.mean()), draws)


def _losses(probability: Floats, y: Ints) -> Floats:
    """Return each row's log loss, averaged over the repeats, shape (n,)."""
    of_truth = np.clip(np.where(y == 1, probability, 1 - probability), _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    losses: Floats = -np.log(of_truth).mean(axis=0)
    return losses


def auc_difference(candidate: Floats, active: Floats, y: Ints) -> Interval:
    """Return mean and 95% interval of the difference in ROC-AUC, ``candidate - active``, over the repeats.

    Parameters are as for `log_loss_difference`.

    References
    ----------
    E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the Areas under Two or More Correlated Receiver
    Operating Characteristic Curves", Biometrics 44, 1988.
    """
    differences = _placements(candidate, y) - _placements(active, y)
    approved, denied = differences[y == 1], differences[y == 0]
    mean = float(approved.mean())
    half = Z_95 * float(np.sqrt(approved.var(ddof=1) / len(approved) + denied.var(ddof=1) / len(denied)))
    return {"mean": mean, "low": mean - half, "high": mean + half}


def _placements(probability: Floats, y: Ints) -> Floats:
    """Return for each row the share of the other class's rows that it is ranked correctly against."""
    approved, denied = y == 1, y == 0
    shares = np.empty(probability.shape)
    for row_shares, of_repeat in zip(shares, probability, strict=True):
        ranks = stats.rankdata(of_repeat)
        row_shares[approved] = (ranks[approved] - stats.rankdata(of_repeat[approved])) / denied.sum()
        row_shares[denied] = 1 - (ranks[denied] - stats.rankdata(of_repeat[denied])) / approved.sum()
    mean: Floats = shares.mean(axis=0)
    return mean


def bootstrap_sums(values: Floats) -> Floats:
    """Return the sums of resampled rows of `values`, shape (n, k), as an array of shape (RESAMPLES, k).

    Rows are drawn with replacement. The same number of rows gives the same draws.
    """
    row_counts = _kept_draws if len(values) <= _MOST_KEPT // RESAMPLES else _draws
    return np.array([counts @ values for counts in row_counts(len(values))])


def _draws(rows: int) -> Iterator[Ints]:
    """Yield how often each row is drawn, resample by resample."""
    rng = np.random.default_rng(SEED)
    return (np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(RESAMPLES))


@functools.lru_cache(2)  # the tables of both versions; a comparison draws from each several times
def _kept_draws(rows: int) -> list[Ints]:
    return list(_draws(rows))


def bootstrap_interval(mean: float, draws: Floats) -> Interval:
    """Return `mean` with the 95% interval of its bootstrap draws."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"mean": mean, "low": float(low), "high": float(high)}
