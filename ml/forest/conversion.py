"""Convert a fitted pipeline of pre-processing and forest to plain data."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ml.applications.types import Flags, Ints
from ml.errors import ArtefactError
from ml.forest.coding import ColumnCoding
from ml.forest.model import Forest
from ml.forest.trees import LEAF, Tree


class CodingStep(Protocol):
    """A fitted first step of a pipeline that says how it codes columns."""

    def codings(self) -> Sequence[ColumnCoding]:
        """Return the coding of each column, in the order of the forest's inputs."""


def forest_from_pipeline(pipeline: Any) -> Forest:
    """Return the forest of a fitted scikit-learn pipeline. It scores bit for bit as the pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        Two fitted steps: a `CodingStep`, and a random forest for the classes 0 and 1.

    Raises
    ------
    ArtefactError
        If the steps are others.
    """
    steps = [step for _, step in pipeline.steps]
    if len(steps) != 2 or not hasattr(steps[0], "codings") or not hasattr(steps[1], "estimators_"):
        names = ", ".join(type(step).__name__ for step in steps)
        raise ArtefactError(f"A pipeline of {names} cannot be stored: a coding and a forest are expected.")
    coding, forest = steps
    if list(forest.classes_) != [0, 1]:
        raise ArtefactError(f"The forest has the classes {list(forest.classes_)}; 0 and 1 are expected.")
    return Forest(tuple(coding.codings()), tuple(_tree(each.tree_) for each in forest.estimators_))


def _tree(fitted: Any) -> Tree:
    """Return the reachable nodes of a tree of scikit-learn, in their order."""
    left, right = fitted.children_left.astype(np.int64), fitted.children_right.astype(np.int64)
    kept = _reachable(left, right)
    places = np.cumsum(kept) - 1
    leaf = left[kept] == LEAF
    return Tree(
        left=np.where(leaf, LEAF, places[left[kept]]),
        right=np.where(leaf, LEAF, places[right[kept]]),
        feature=np.where(leaf, 0, fitted.feature[kept]).astype(np.int64),
        threshold=np.where(leaf, 0.0, fitted.threshold[kept]),
        value=_approved_share(fitted.value)[kept],
        weight=fitted.weighted_n_node_samples[kept].astype(np.float64),
    )


def _reachable(left: Ints, right: Ints) -> Flags:
    """Return True for each node that a row can reach: `ImpuritySplitForest` cuts off others."""
    kept = np.zeros(len(left), dtype=bool)
    kept[0] = True
    for node in range(len(left)):  # children follow their parent
        if kept[node] and left[node] != LEAF:
            kept[[left[node], right[node]]] = True
    return kept


def _approved_share(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of class 1, which scikit-learn stores in place [node, 0, 1] since version 1.3."""
    shares: NDArray[np.float64] = value[:, 0, 1].astype(np.float64)
    return shares
