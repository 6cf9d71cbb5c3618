"""Monotone weight-of-evidence binning and a logistic regression with non-negative coefficients."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, OneToOneFeatureMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import ClassifierTags, Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.applications.types import Floats, Ints


def bin_of(values: Floats, edges: Floats) -> Ints:
    """Return the bin of each value.

    Bin 0 is below ``edges[0]``, bin i from ``edges[i - 1]`` to under ``edges[i]``; the last bin,
    ``len(edges) + 1``, is for NaN.
    """
    # NaN sorts after every number, so an edge of NaN puts missing values behind the last bin.
    return np.append(edges, np.nan).searchsorted(values, side="right")


def _binary_codes(y: ArrayLike) -> tuple[NDArray[np.generic], Ints]:
    """Return the two classes of a target and their codes 0 and 1."""
    check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) != 2:
        raise ValueError(f"Only binary classification is supported. The target has {len(classes)} class(es).")
    return classes, codes


class WeightOfEvidence(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Replace each value by the weight of evidence of its bin.

    Numeric columns are cut at quantiles. Neighbouring bins whose weights would move against `directions` are
    pooled [1]_. Missing values have a bin of their own.

    Parameters
    ----------
    n_quantiles : int
        Quantile bins of a column before pooling; at least 1.
    smoothing : float
        Added to both counts of a bin [2]_; above 0.
    directions : sequence of int, optional
        Per column, 1 (the weight never falls with the value), -1 (never rises) or 0 (nominal: a bin for each
        distinct value). ``None`` is 1 for every column.
    coded : sequence of bool, optional
        Per column, whether values are codes of choices. A code that no row of `fit` has gets weight 0.
        ``None`` is True for nominal columns.

    Attributes
    ----------
    edges_ : list of ndarray
        Inner bin edges of each column.
    counts_ : list of ndarray of shape (n_bins + 1, 2)
        Non-events and events per bin; the last row is the bin for missing values.
    weights_ : list of ndarray of shape (n_bins + 1,)
        ``log(events / non-events)`` of the bin minus the same of all rows; 0 for a bin without rows.
    seen_ : list of ndarray or None
        The codes that rows of `fit` have; ``None`` for a column of numbers.

    References
    ----------
    .. [1] M. Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information",
       Annals of Mathematical Statistics 26, 1955 (pool adjacent violators). Here the smoothed odds are
       compared, not the plain rates: smoothing can reverse the order of two bins.
    .. [2] N. Siddiqi, "Credit Risk Scorecards", Wiley, 2006, chapter 6 (weight of evidence, adjusted for
       empty cells).
    """

    def __init__(
        self,
        n_quantiles: int = 20,
        smoothing: float = 0.5,
        directions: Sequence[int] | None = None,
        coded: Sequence[bool] | None = None,
    ) -> None:
        self.n_quantiles = n_quantiles
        self.smoothing = smoothing
        self.directions = directions
        self.coded = coded

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False)
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn bins and weights from X of shape (n, columns) and a binary y of shape (n,)."""
        values, target = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=False)
        _, codes = _binary_codes(target)
        self._check_numbers()
        directions = self._checked_directions(values.shape[1])
        columns = list(zip(values.T, directions, strict=True))
        self.seen_ = [
            np.unique(column[np.isfinite(column)]) if is_coded else None
            for column, is_coded in zip(values.T, self._checked_coded(directions), strict=True)
        ]
        self.edges_ = [self._edges(column, codes, direction) for column, direction in columns]
        self.counts_ = [
            _counts(column, edges, codes) for (column, _), edges in zip(columns, self.edges_, strict=True)
        ]
        self.weights_ = [self._weights(counts, codes) for counts in self.counts_]
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the weights of X, same shape."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, reset=False)
        fitted = zip(values.T, self.edges_, self.weights_, self.seen_, strict=True)
        return np.column_stack(
            [
                np.where(_is_unseen(column, seen), 0.0, weights[bin_of(column, edges)])
                for column, edges, weights, seen in fitted
            ]
        )

    def _check_numbers(self) -> None:
        if not isinstance(self.n_quantiles, Integral) or self.n_quantiles < 1:
            raise ValueError(f"n_quantiles is {self.n_quantiles!r}; expected a whole number of at least 1.")
        if not isinstance(self.smoothing, Real) or not self.smoothing > 0:
            raise ValueError(f"smoothing is {self.smoothing!r}; expected a number above 0.")

    def _checked_directions(self, columns: int) -> Sequence[int]:
        directions = self.directions if self.directions is not None else [1] * columns
        if len(directions) != columns:
            raise ValueError(f"directions has {len(directions)} values; expected {columns}, one per column.")
        if not {-1, 0, 1}.issuperset(directions):
            raise ValueError(f"directions is {self.directions!r}; expected only 1, -1 and 0.")
        return directions

    def _checked_coded(self, directions: Sequence[int]) -> Sequence[bool]:
        coded = self.coded if self.coded is not None else [direction == 0 for direction in directions]
        if len(coded) != len(directions):
            raise ValueError(f"coded has {len(coded)} values; expected {len(directions)}, one per column.")
        return coded

    def _edges(self, column: Floats, codes: Ints, direction: int) -> Floats:
        finite = column[np.isfinite(column)]
        if direction == 0:
            return np.unique(finite)[1:]
        if not len(finite):
            return np.empty(0)
        levels = np.linspace(0, 1, self.n_quantiles + 1)[1:-1]
        return self._pooled(column, np.unique(np.quantile(finite, levels)), codes, direction)

    def _pooled(self, column: Floats, edges: Floats, codes: Ints, direction: int) -> Floats:
        """Return the edges that are left after pooling bins whose odds move in the wrong direction."""
        counts = _counts(column, edges, codes)[:-1]
        blocks: list[tuple[int, Floats]] = []
        for first in np.flatnonzero(counts.sum(axis=1)):
            block = (int(first), counts[first])
            while blocks and direction * (self._odds(block[1]) - self._odds(blocks[-1][1])) <= 0:
                start, before = blocks.pop()
                block = (start, before + block[1])
            blocks.append(block)
        return edges[[first - 1 for first, _ in blocks[1:]]]

    def _odds(self, counts: Floats) -> Floats:
        smoothed = counts + self.smoothing
        return np.asarray(smoothed[..., 1] / smoothed[..., 0])

    def _weights(self, counts: Floats, codes: Ints) -> Floats:
        events = codes.sum()
        average = np.log(events / (len(codes) - events))
        return np.where(counts.sum(axis=1) > 0, np.log(self._odds(counts)) - average, 0.0)


def _is_unseen(column: Floats, seen: Floats | None) -> NDArray[np.bool_]:
    """Return for each value whether it is a code that no row had in `fit`; False for a missing value."""
    if seen is None:
        return np.zeros(len(column), dtype=bool)
    return np.isfinite(column) & ~np.isin(column, seen)


def _counts(column: Floats, edges: Floats, codes: Ints) -> Floats:
    counts = np.zeros((len(edges) + 2, 2))
    np.add.at(counts, (bin_of(column, edges), codes), 1)
    return counts


class NonNegativeLogisticRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Binary logistic regression whose coefficients are never below zero.

    A weight of evidence already has the right direction; a negative coefficient would reverse the promised
    direction of its column. Such columns are dropped, the most negative first, and the fit is repeated.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_columns)
        0 for a dropped column.
    intercept_ : ndarray of shape (1,)
    """

    def __init__(self, C: float = 1.0) -> None:
        self.C = C

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        # By design it can only predict the average from columns that point the wrong way.
        tags.classifier_tags.poor_score = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit X of shape (n, columns) to a binary y of shape (n,)."""
        values, target = validate_data(self, X, y, dtype=np.float64)
        self.classes_, codes = _binary_codes(target)
        kept = np.arange(values.shape[1])
        coefficients, intercept = self._fit_columns(values, codes)
        while len(kept) and coefficients.min() < 0:
            kept = np.delete(kept, coefficients.argmin())
            coefficients, intercept = self._fit_columns(values[:, kept], codes)
        self.coef_ = np.zeros((1, values.shape[1]))
        self.coef_[0, kept] = coefficients
        self.intercept_ = np.array([intercept])
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Return the log-odds of the second class, shape (n,)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(values @ self.coef_[0] + self.intercept_[0])

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Return the probabilities of both classes, shape (n, 2)."""
        positive = expit(self.decision_function(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: ArrayLike) -> NDArray[np.generic]:
        """Return the more likely class of each row, shape (n,)."""
        codes = (self.decision_function(X) > 0).astype(int)
        return np.asarray(self.classes_[codes])

    def _fit_columns(self, X: Floats, codes: Ints) -> tuple[Floats, float]:
        if not X.shape[1]:
            return np.empty(0), float(np.log(codes.sum() / (len(codes) - codes.sum())))
        model = LogisticRegression(C=self.C, tol=1e-8, max_iter=1000).fit(X, codes)
        return model.coef_[0], float(model.intercept_[0])
