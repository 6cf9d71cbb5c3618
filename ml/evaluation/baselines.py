"""What any model must be shown beside: one rule, and no rule at all."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier


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
