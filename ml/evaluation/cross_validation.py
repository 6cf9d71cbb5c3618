"""Repeated cross-validation: what an estimator says of rows that it was not fitted on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import RepeatedStratifiedKFold

from ml.applications.types import Floats, Ints


@dataclass(frozen=True, slots=True)
class Folds:
    """A table and the ways in which its rows are divided into training and test rows.

    Attributes
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.
    splits : list of (ndarray, ndarray)
        Numbers of the training and of the test rows, repeat by repeat.
    per_repeat : int
        How many of the splits use every row once for testing.
    """

    frame: pd.DataFrame
    y: Ints
    splits: list[tuple[Ints, Ints]]
    per_repeat: int

    @property
    def test_share(self) -> float:
        """The share of rows that a split tests on."""
        return 1 / self.per_repeat


@dataclass(frozen=True, slots=True)
class OutOfFoldProbabilities:
    """Probabilities of the test rows of every split.

    Attributes
    ----------
    probabilities : list of ndarray
        In the order of ``folds.splits`` and of each one's test rows.
    """

    folds: Folds
    probabilities: list[Floats]

    def by_fold(self) -> Iterator[tuple[Ints, Floats]]:
        """Yield y and probability of each split's test rows."""
        for (_, test), probability in zip(self.folds.splits, self.probabilities, strict=True):
            yield self.folds.y[test], probability

    def by_repeat(self) -> Floats:
        """Return each row's probability in every repeat, shape (repeats, n)."""
        found = np.empty((len(self.folds.splits) // self.folds.per_repeat, len(self.folds.y)))
        for number, ((_, test), probability) in enumerate(
            zip(self.folds.splits, self.probabilities, strict=True)
        ):
            found[number // self.folds.per_repeat, test] = probability
        return found

    def mean(self) -> Floats:
        """Return each row's probability averaged over the repeats, shape (n,)."""
        repeats = len(self.folds.splits) // self.folds.per_repeat
        total = np.zeros(len(self.folds.y))
        for (_, test), probability in zip(self.folds.splits, self.probabilities, strict=True):
            total[test] += probability / repeats
        return total


# Under so many different rows of a class, folds of different rows could lack the class.
_FEWEST_DIFFERENT = 10


def repeated_folds(frame: pd.DataFrame, y: Ints, *, repeats: int, folds: int, seed: int) -> Folds:
    """Divide `frame` into stratified folds, `repeats` times; the same seed gives the same folds.

    Equal rows go into the same fold, so that no row is tested on a model that was fitted on its twin (but
    where a class has fewer than ten different rows).
    """
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    first, kind = np.unique(duplicate_row_ids(frame), return_index=True, return_inverse=True)[1:]
    if len(first) == len(y) or min(np.bincount(y[first], minlength=2)) < _FEWEST_DIFFERENT:
        return Folds(frame, y, list(splitter.split(frame, y)), folds)
    of_kinds = splitter.split(first, y[first])
    splits = [(_rows_of(train, kind), _rows_of(test, kind)) for train, test in of_kinds]
    return Folds(frame, y, splits, folds)


def duplicate_row_ids(frame: pd.DataFrame) -> Ints:
    """Return a number for each row that only equal rows have in common; gaps equal each other."""
    numbers = frame.groupby(list(frame.columns), dropna=False, sort=False).ngroup()
    return np.asarray(numbers, dtype=np.int64)


def _rows_of(chosen: Ints, kind: Ints) -> Ints:
    return np.flatnonzero(np.isin(kind, chosen)).astype(np.int64)


def out_of_fold_probabilities(
    estimator: Any, folds: Folds, progress: Callable[[int, int], None]
) -> OutOfFoldProbabilities:
    """Fit `estimator` anew on each split's training rows and ask it about the test rows.

    Parameters
    ----------
    progress : callable
        Called with splits done and splits in all.
    """
    probabilities = []
    for number, (train, test) in enumerate(folds.splits, 1):
        probabilities.append(fit_and_predict(estimator, folds, train, test))
        progress(number, len(folds.splits))
    return OutOfFoldProbabilities(folds, probabilities)


def fit_and_predict(estimator: Any, folds: Folds, train: Ints, test: Ints) -> Floats:
    """Return the probabilities of the `test` rows by a copy of `estimator` fitted on the `train` rows."""
    fitted = clone(estimator).fit(folds.frame.iloc[train], folds.y[train])
    return np.asarray(fitted.predict_proba(folds.frame.iloc[test])[:, 1])
