"""Repeated stratified cross-validation and its out-of-fold probabilities."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from ml.applications.types import Floats, Ints
from ml.parallel.processes import Mapper


class Estimator(Protocol):
    """A scikit-learn classifier of applications with the classes 0 and 1."""

    def fit(self, X: pd.DataFrame, y: Ints) -> object: ...

    def predict_proba(self, X: pd.DataFrame) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Folds:
    """A table and the splits of its rows into training and test rows.

    Attributes
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.
    splits : list of (ndarray, ndarray)
        Row numbers for training and for testing, repeat by repeat.
    per_repeat : int
        Splits in one repeat, which together test every row once.
    """

    frame: pd.DataFrame
    y: Ints
    splits: list[tuple[Ints, Ints]]
    per_repeat: int

    @property
    def test_share(self) -> float:
        """Share of rows that a split tests on."""
        return 1 / self.per_repeat


@dataclass(frozen=True, slots=True)
class OutOfFoldProbabilities:
    """Probabilities of the test rows of every split.

    Attributes
    ----------
    probabilities : list of ndarray
        One array per split, in the order of its test rows.
    """

    folds: Folds
    probabilities: list[Floats]

    def by_fold(self) -> Iterator[tuple[Ints, Floats]]:
        """Yield y and probabilities of the test rows, split by split."""
        for (_, test), probability in zip(self.folds.splits, self.probabilities, strict=True):
            yield self.folds.y[test], probability

    def by_repeat(self) -> Floats:
        """Return each row's probability in every repeat, shape (repeats, n)."""
        by_repeat = np.empty((len(self.folds.splits) // self.folds.per_repeat, len(self.folds.y)))
        for number, ((_, test), probability) in enumerate(
            zip(self.folds.splits, self.probabilities, strict=True)
        ):
            by_repeat[number // self.folds.per_repeat, test] = probability
        return by_repeat

    def mean(self) -> Floats:
        """Return each row's probability averaged over the repeats, shape (n,)."""
        repeats = len(self.folds.splits) // self.folds.per_repeat
        total = np.zeros(len(self.folds.y))
        for (_, test), probability in zip(self.folds.splits, self.probabilities, strict=True):
            total[test] += probability / repeats
        return total


# With fewer different rows of a class, some folds could lack the class.
_MIN_DIFFERENT_ROWS = 10


def repeated_folds(frame: pd.DataFrame, y: Ints, *, repeats: int, folds: int, seed: int) -> Folds:
    """Divide `frame` into stratified folds, `repeats` times; the same seed gives the same folds.

    Equal rows go into the same fold, so that no row is scored by a model that was fitted on its duplicate.
    If a class has fewer than ten different rows, equal rows may part.

    Parameters
    ----------
    frame : DataFrame of shape (n, columns)
    y : ndarray of shape (n,)
        0 or 1.
    """
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    first_rows, ids = np.unique(duplicate_row_ids(frame), return_index=True, return_inverse=True)[1:]
    if len(first_rows) == len(y) or min(np.bincount(y[first_rows], minlength=2)) < _MIN_DIFFERENT_ROWS:
        return Folds(frame, y, list(splitter.split(frame, y)), folds)
    id_splits = splitter.split(first_rows, y[first_rows])
    splits = [(_rows_with_ids(train, ids), _rows_with_ids(test, ids)) for train, test in id_splits]
    return Folds(frame, y, splits, folds)


def duplicate_row_ids(frame: pd.DataFrame) -> Ints:
    """Return a number for each row; only equal rows share it. Missing values equal each other."""
    numbers = frame.groupby(list(frame.columns), dropna=False, sort=False).ngroup()
    return np.asarray(numbers, dtype=np.int64)


def _rows_with_ids(chosen: Ints, ids: Ints) -> Ints:
    return np.flatnonzero(np.isin(ids, chosen)).astype(np.int64)


def out_of_fold_probabilities(
    estimator: Estimator, folds: Folds, progress: Callable[[int, int], None], each: Mapper = map
) -> OutOfFoldProbabilities:
    """Fit a copy of `estimator` on each split's training rows and score the test rows.

    Parameters
    ----------
    progress : callable
        Called with the splits done and their total.
    each : callable
        Calls the fit for each split.
    """
    probabilities = []
    learner, rows = take_stateless_step(estimator, folds.frame)
    for probability in each(partial(fit_and_predict, learner, rows, folds.y), folds.splits):
        probabilities.append(probability)
        progress(len(probabilities), len(folds.splits))
    return OutOfFoldProbabilities(folds, probabilities)


def take_stateless_step(estimator: Estimator, frame: pd.DataFrame) -> tuple[Estimator, pd.DataFrame | Floats]:
    """Take the first step of a pipeline once for all rows, if it learns nothing from them.

    Returns
    -------
    Estimator, DataFrame or ndarray of shape (n, columns)
        The steps that are left, and the rows as they read them; both as given if the first step learns.
    """
    if isinstance(estimator, Pipeline) and getattr(estimator[0], "stateless", False):
        return estimator[1:], clone(estimator[0]).fit_transform(frame)
    return estimator, frame


def fit_and_predict(
    estimator: Estimator, rows: pd.DataFrame | Floats, y: Ints, split: tuple[Ints, Ints]
) -> Floats:
    """Fit a copy of `estimator` on a split's training rows and return its probabilities of the test rows."""
    train, test = split
    fitted = clone(estimator).fit(_safe_indexing(rows, train), y[train])
    return np.asarray(fitted.predict_proba(_safe_indexing(rows, test))[:, 1])
