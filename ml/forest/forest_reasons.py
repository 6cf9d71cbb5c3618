"""Why a forest gives its probability, by the SHAP values of its trees; imports shap, a heavy extra."""

import numpy as np
from shap import TreeExplainer
from sklearn.ensemble import RandomForestClassifier

from ml.applications.schema import FEATURES, Feature
from ml.applications.types import Columns, Floats
from ml.forest.forest import log_odds, slope
from ml.scorecard.scores import Reason, ScoreExplanation


class ForestReasons:
    """Explains rows of a fitted forest whose inputs are the eleven columns, one code each (`PreProcessing`).

    Notes
    -----
    SHAP values of a forest add up to its probability: ``expected + sum = probability``, where `expected` is
    its mean over the rows that it was trained on (Lundberg et al., "From local explanations to global
    understanding with explainable AI for trees", 2020; path-dependent). Log-odds are no sum over trees, so
    these values are rescaled: each one times ``slope(expected, probability)``, one factor for all columns of
    a row. That keeps signs, order and shares, and makes ``base + sum = log-odds``.
    """

    def __init__(self, forest: RandomForestClassifier) -> None:
        self._explainer = TreeExplainer(forest, feature_perturbation="tree_path_dependent")
        self._expected = np.array(self._explainer.expected_value[1], dtype=np.float64)
        self.base = float(log_odds(self._expected))

    def contributions(self, coded: Floats, probability: Floats) -> Floats:
        """Return what each column adds to the log-odds.

        Parameters
        ----------
        coded : ndarray of shape (n, 11)
            What the forest reads.
        probability : ndarray of shape (n,)
            What it gave.

        Returns
        -------
        ndarray of shape (n, 11)
            ``base + contributions.sum(axis=1)`` is the log-odds.
        """
        added = self._explainer.shap_values(coded, check_additivity=False)[:, :, 1]
        return np.asarray(added * slope(self._expected, probability)[:, np.newaxis])

    def explanation(self, contributions: Floats, columns: Columns, row: int) -> ScoreExplanation:
        """Return the reasons of one row, its contributions of shape (11,)."""
        pairs = zip(FEATURES, contributions.tolist(), strict=True)
        return ScoreExplanation(self.base, [_reason(f, columns[f.column][row], added) for f, added in pairs])


def _reason(feature: Feature, value: str | float | None, contribution: float) -> Reason:
    shown = "missing" if value is None else feature.value_text(value)
    return {
        "column": feature.column,
        "label": feature.label,
        "contribution": contribution,
        "text": f"{feature.label}: {shown}",
    }
