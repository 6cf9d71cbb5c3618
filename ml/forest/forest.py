"""The article's random forest on today's scikit-learn."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree._tree import TREE_LEAF

from ml.applications.types import Floats


class ImpuritySplitForest(RandomForestClassifier):  # type: ignore[misc] # sklearn is untyped
    """A random forest with the ``min_impurity_split`` that scikit-learn removed in 1.0.

    A node whose impurity is at or below the threshold is a leaf. (``min_impurity_decrease`` is another
    rule: it bounds what a split gains, and ruins this model.)

    Parameters
    ----------
    min_impurity_split : float
        Gini impurity, 0 to 0.5.

    Notes
    -----
    Rule: scikit-learn 0.19, "min_impurity_split". The trees are grown without it and cut afterwards, which
    gives the same tree as long as `max_leaf_nodes` did not already stop the growth elsewhere.
    """

    def __init__(
        self,
        min_impurity_split: float = 0.1,
        *,
        n_estimators: int = 10,
        max_depth: int | None = None,
        max_leaf_nodes: int | None = None,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            n_estimators=n_estimators,
            max_depth=max_depth,
            max_leaf_nodes=max_leaf_nodes,
            random_state=random_state,
        )
        self.min_impurity_split = min_impurity_split

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: Any = None) -> Self:
        """Grow the forest on X of shape (n, columns), then cut it; as `RandomForestClassifier.fit`."""
        super().fit(X, y, sample_weight)
        for tree in self.estimators_:
            pure = np.flatnonzero(tree.tree_.impurity <= self.min_impurity_split)
            tree.tree_.children_left[pure] = TREE_LEAF
            tree.tree_.children_right[pure] = TREE_LEAF
        return self


# A forest may answer exactly 0 or 1, whose log-odds are infinite and no JSON number.
_EDGE = 1e-12
# Nearer than this, the difference of two log-odds has lost its digits.
_EQUAL = 1e-9


def log_odds(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)), p clipped to [1e-12, 1 - 1e-12]; any shape."""
    inside = _inside(probability)
    return np.log(inside / (1 - inside))


def slope(start: Floats, probability: Floats) -> Floats:
    """Return the log-odds gained per unit of probability on the way from `start` to `probability`.

    Positive everywhere; where both are equal, its limit 1 / (p (1 - p)).

    Parameters
    ----------
    start, probability : ndarray of the same or broadcastable shapes

    Returns
    -------
    ndarray
    """
    way = probability - start
    equal = np.abs(way) < _EQUAL
    inside = _inside(start)
    gained = log_odds(probability) - log_odds(start)
    return np.where(equal, 1 / (inside * (1 - inside)), gained / np.where(equal, 1, way))


def _inside(probability: Floats) -> Floats:
    return np.clip(probability, _EDGE, 1 - _EDGE)
