"""A logistic regression with non-negative coefficients."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn._loss import HalfBinomialLoss
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model._glm._newton_solver import NewtonCholeskySolver
from sklearn.linear_model._linear_loss import LinearModelLoss
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ml.applications.types import Floats, Ints
from ml.training.targets import binary_codes, checked_weights


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

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit X of shape (n, columns) to a binary y of shape (n,), with weights of shape (n,)."""
        if not self.C > 0:
            raise ValueError(f"C is {self.C!r}; expected a number above 0.")
        values, target = validate_data(self, X, y, dtype=np.float64)
        rows, weights = checked_weights(sample_weight, values)
        values = values[rows]
        self.classes_, codes = binary_codes(target[rows])
        kept = np.arange(values.shape[1])
        coefficients, intercept = self._fit_columns(values, codes, weights)
        while len(kept) and coefficients.min() < 0:
            kept = np.delete(kept, coefficients.argmin())
            coefficients, intercept = self._fit_columns(values[:, kept], codes, weights)
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

    def _fit_columns(self, X: Floats, codes: Ints, weights: Floats | None) -> tuple[Floats, float]:
        if not X.shape[1]:
            non_events, events = np.bincount(codes, weights, 2)
            return np.empty(0), float(np.log(events / non_events))
        return _minimise(X, codes, weights, self.C)


def _minimise(X: Floats, codes: Ints, weights: Floats | None, C: float) -> tuple[Floats, float]:
    """Return coefficients and intercept of `LogisticRegression`, bit for bit.

    A training fits hundreds of small tables. `LogisticRegression` spends half of a fit on checks of arguments
    that are checked already, so its solver is called here. With few columns Newton steps are 3 to 20 times
    quicker than the default solver, and more exact.
    """
    total = len(codes) if weights is None else float(weights.sum())
    solver = NewtonCholeskySolver(
        coef=np.zeros(X.shape[1] + 1),
        linear_loss=LinearModelLoss(base_loss=HalfBinomialLoss(), fit_intercept=True),
        l2_reg_strength=1.0 / (C * total),
        tol=1e-8,
        max_iter=1000,
    )
    found = solver.solve(X=np.ascontiguousarray(X), y=codes.astype(np.float64), sample_weight=weights)
    return found[:-1], float(found[-1])
