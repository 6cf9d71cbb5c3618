"""The article's random forest on today's scikit-learn. Only training and old artefacts import it."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree._tree import TREE_LEAF


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
