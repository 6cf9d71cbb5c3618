"""Reasons of a forest. The first explanation imports shap, an optional dependency."""

from typing import TYPE_CHECKING

import numpy as np

from ml.applications.types import Floats
from ml.forest.log_odds import log_odds, slope
from ml.forest.model import Forest
from ml.forest.trees import Tree

if TYPE_CHECKING:
    from shap import TreeExplainer


class ForestReasons:
    """Contributions of a forest's columns to the log-odds.

    Notes
    -----
    SHAP values of a forest add up to its probability: ``expected + sum = probability``, where `expected` is
    the mean probability of the training rows (Lundberg et al., "From local explanations to global
    understanding with explainable AI for trees", 2020; path-dependent). Log-odds are not a sum over trees, so
    all SHAP values of a row are multiplied by ``slope(expected, probability)``. This keeps signs, order and
    shares, and makes ``base + sum = log-odds``.
    """

    def __init__(self, explainer: "TreeExplainer") -> None:
        self._explainer = explainer
        self._expected = np.array(np.ravel(explainer.expected_value)[0], dtype=np.float64)
        self.base = float(log_odds(self._expected))

    @classmethod
    def of(cls, forest: Forest) -> "ForestReasons | None":
        """Return the reasons of `forest`; ``None`` without shap, whose import takes seconds."""
        try:
            from shap import TreeExplainer
        except ImportError:
            return None
        return cls(TreeExplainer(_shap_model(forest), feature_perturbation="tree_path_dependent"))

    def contributions(self, inputs: Floats, probability: Floats) -> Floats:
        """Return the contribution of each column to the log-odds.

        Parameters
        ----------
        inputs : ndarray of shape (n, number of columns)
            Inputs of the forest.
        probability : ndarray of shape (n,)
            Approval probabilities by the forest.

        Returns
        -------
        ndarray of shape (n, number of columns)
            ``base + contributions.sum(axis=1)`` is the log-odds.
        """
        shap_values = self._explainer.shap_values(inputs, check_additivity=False).reshape(inputs.shape)
        return np.asarray(shap_values * slope(self._expected, probability)[:, np.newaxis])


def _shap_model(forest: Forest) -> dict[str, object]:
    """Return the trees as shap takes a model of any origin; it adds up the values of all trees."""
    return {
        "internal_dtype": np.float64,
        "input_dtype": np.float32,
        "objective": "binary_crossentropy",
        "tree_output": "probability",
        "trees": [_shap_tree(tree, 1.0 / len(forest.trees)) for tree in forest.trees],
    }


def _shap_tree(tree: Tree, share: float) -> dict[str, object]:
    return {
        "children_left": tree.left,
        "children_right": tree.right,
        "children_default": tree.left,
        "features": tree.feature,
        "thresholds": tree.threshold,
        "values": tree.value[:, np.newaxis] * share,
        "node_sample_weight": tree.weight,
    }
