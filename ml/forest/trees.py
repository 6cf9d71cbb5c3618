"""Decision trees as arrays. They score without scikit-learn, and exactly as it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from ml.applications.types import Flags, Floats, Ints

LEAF = -1  # in place of a child
_MAX_CHUNK = 2048  # rows that descend together: their arrays stay in the processor's cache


class TreeJSON(TypedDict):
    left: list[int]
    right: list[int]
    feature: list[int]
    threshold: list[float]
    value: list[float]
    weight: list[float]


@dataclass(frozen=True, slots=True)
class Tree:
    """One binary decision tree of m nodes. Node 0 is the root; children follow their parent.

    Attributes
    ----------
    left, right : ndarray of int, shape (m,)
        Places of the two children, -1 in a leaf.
    feature : ndarray of int, shape (m,)
        Place of the input that the node compares; 0 in a leaf.
    threshold : ndarray of float, shape (m,)
        A row goes left if its input, rounded to float32, is at most the threshold; 0 in a leaf.
    value : ndarray of float, shape (m,)
        Share of approved training rows in the node.
    weight : ndarray of float, shape (m,)
        Number of training rows in the node, which the reasons need.

    Raises
    ------
    ValueError
        If the arrays differ in length, or a child does not follow its parent.
    """

    left: Ints
    right: Ints
    feature: Ints
    threshold: Floats
    value: Floats
    weight: Floats

    def __post_init__(self) -> None:
        count = len(self.left)
        arrays = (self.right, self.feature, self.threshold, self.value, self.weight)
        if not count or any(array.shape != (count,) for array in arrays):
            raise ValueError("The arrays of a tree must have the same length, at least 1.")
        nodes = np.arange(count)
        for child in (self.left, self.right):
            if not np.where(self.is_leaf, child == LEAF, (child > nodes) & (child < count)).all():
                raise ValueError("The children of a node must be nodes after it.")

    @property
    def is_leaf(self) -> Flags:
        """True for each leaf, shape (m,)."""
        leaf: Flags = self.left == LEAF
        return leaf

    @property
    def depth(self) -> int:
        """Number of comparisons on the longest way from the root to a leaf."""
        depths = np.zeros(len(self.left), dtype=np.int64)
        for node in np.flatnonzero(~self.is_leaf):
            depths[[self.left[node], self.right[node]]] = depths[node] + 1
        return int(depths.max())

    def to_json(self) -> TreeJSON:
        """Return the arrays as plain JSON lists; `from_json` restores them exactly."""
        return {
            "left": self.left.tolist(),
            "right": self.right.tolist(),
            "feature": self.feature.tolist(),
            "threshold": self.threshold.tolist(),
            "value": self.value.tolist(),
            "weight": self.weight.tolist(),
        }

    @classmethod
    def from_json(cls, document: TreeJSON) -> "Tree":
        """Restore a tree from the JSON of `to_json`."""
        left, right, feature = (
            np.array(document[name], dtype=np.int64) for name in ("left", "right", "feature")
        )
        threshold, value, weight = (
            np.array(document[name], dtype=np.float64) for name in ("threshold", "value", "weight")
        )
        return cls(left, right, feature, threshold, value, weight)


class Trees:
    """Trees of one forest, joined so that all of them descend together.

    Parameters
    ----------
    trees : sequence of Tree
        At least one.
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        sizes = [len(tree.left) for tree in trees]
        self._roots = np.cumsum([0, *sizes[:-1]])[:, np.newaxis]
        self._feature = np.concatenate([tree.feature for tree in trees])
        self._threshold = np.concatenate([tree.threshold for tree in trees])
        self._value = np.concatenate([tree.value for tree in trees])
        self._children = _children(trees, self._roots[:, 0])
        self._depth = max(tree.depth for tree in trees)

    def probability(self, inputs: Floats) -> Floats:
        """Return the mean value of the leaves that each row reaches.

        Parameters
        ----------
        inputs : ndarray of shape (n, number of inputs)

        Returns
        -------
        ndarray of shape (n,)

        Notes
        -----
        Bit for bit as `RandomForestClassifier.predict_proba`: inputs are rounded to float32, and the trees
        are added up in their order before the sum is divided.
        """
        rounded = inputs.astype(np.float32).astype(np.float64)
        starts = range(0, len(rounded), _MAX_CHUNK)
        chunks = [self._chunk(rounded[start : start + _MAX_CHUNK]) for start in starts]
        return np.concatenate(chunks) if chunks else np.empty(0)

    def _chunk(self, rows: Floats) -> Floats:
        count, width = rows.shape
        flat, offsets = rows.ravel(), np.arange(count) * width
        nodes = np.broadcast_to(self._roots, (len(self._roots), count))
        for _ in range(self._depth):
            values = flat.take(self._feature.take(nodes) + offsets)
            nodes = self._children.take(2 * nodes + (values > self._threshold.take(nodes)))
        # A sum would add pairs first; an accumulation keeps the order of the trees.
        totals: Floats = np.add.accumulate(self._value.take(nodes), axis=0)[-1]
        return totals / len(self._roots)


def _children(trees: Sequence[Tree], roots: Ints) -> Ints:
    """Return the next node of each: at 2 i for rows that go left, at 2 i + 1 for others; a leaf stays."""
    pairs = []
    for tree, root in zip(trees, roots, strict=True):
        own = np.arange(len(tree.left))
        left, right = (np.where(tree.is_leaf, own, child) for child in (tree.left, tree.right))
        pairs.append(root + np.column_stack([left, right]).ravel())
    return np.concatenate(pairs)
