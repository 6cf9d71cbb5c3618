"""The article's random forest on today's scikit-learn, and its probabilities as log-odds."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree._tree import TREE_LEAF

from ml.applications.types import Floats


class ImpuritySplitForest(RandomForestClassifier):  # type: ignore[misc] # sklearn is untyped
    """A random forest with the ``min_impurity_split`` that scikit-learn removed in 1.0.

    A node becomes a leaf if its impurity is at or below the threshold. ``min_impurity_decrease`` is no
    replacement: it bounds the gain of a split, and ruins this model.

    Parameters
    ----------
    min_impurity_split : float
        Gini impurity, from 0 to 0.5.

    Notes
    -----
    The rule is ``min_impurity_split`` of scikit-learn 0.19. Trees are grown without the rule and cut
    afterwards, which gives the same trees unless `max_leaf_nodes` stopped the growth of other nodes.
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

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Grow the forest as `RandomForestClassifier.fit` does, then cut its trees."""
        super().fit(X, y, sample_weight)
        for tree in self.estimators_:
            leaves = np.flatnonzero(tree.tree_.impurity <= self.min_impurity_split)
            tree.tree_.children_left[leaves] = TREE_LEAF
            tree.tree_.children_right[leaves] = TREE_LEAF
        return self


# A forest may return exactly 0 or 1, whose log-odds are infinite and not valid in JSON.
_MIN_PROBABILITY = 1e-12
# For closer probabilities, the difference of their log-odds has no correct digits.
_MIN_DIFFERENCE = 1e-9


def log_odds(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)) of probabilities of any shape, clipped to [1e-12, 1 - 1e-12]."""
    clipped = _clip(probability)
    return np.log(clipped / (1 - clipped))


def slope(start: Floats, probability: Floats) -> Floats:
    """Return the slope of the log-odds between `start` and `probability`, which is positive everywhere.

    For equal probabilities it is the derivative, 1 / (p (1 - p)).

    Parameters
    ----------
    start, probability : ndarray of the same or broadcastable shapes

    Returns
    -------
    ndarray
    """
    distance = probability - start
    equal = np.abs(distance) < _MIN_DIFFERENCE
    clipped = _clip(start)
    rise = log_odds(probability) - log_odds(start)
    return np.where(equal, 1 / (clipped * (1 - clipped)), rise / np.where(equal, 1, distance))


def _clip(probability: Floats) -> Floats:
    return np.clip(probability, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
