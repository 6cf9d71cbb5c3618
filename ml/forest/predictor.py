"""A fitted scikit-learn pipeline with the `Predictor` interface, and the reasons of its forest.

This module imports pandas and scikit-learn, and shap for the first explanation.
"""

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.pipeline import Pipeline

from ml.applications.schema import COLUMNS, FEATURES, Feature
from ml.applications.types import Columns, Floats
from ml.forest.forest import log_odds, slope
from ml.scorecard.missing_value_bounds import ProbabilityBounds, missing_columns_by_row, probe_bounds
from ml.scorecard.scores import Reason, ScoreExplanation, Scores
from ml.tables.frames import frame_from_columns

if TYPE_CHECKING:
    from shap import TreeExplainer

_NO_REASONS = ScoreExplanation(None, [])


class PipelinePredictor:
    """A predictor of pre-processing and forest. Reasons need shap, an optional dependency."""

    sources = COLUMNS

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._coding, self._forest = pipeline[:-1], pipeline[-1]

    def __reduce__(self) -> tuple[type["PipelinePredictor"], tuple[Pipeline]]:
        """Pickle the pipeline without the cached reasons."""
        return PipelinePredictor, (self._pipeline,)

    def score(self, columns: Columns) -> Scores:
        """Score n applications (see `Scorecard.score`)."""
        coded = self._coding.transform(frame_from_columns(columns))
        probability = self._forest.predict_proba(coded)[:, 1]
        explanation = self._explanation(columns, coded, probability)
        bounds = self._bounds(columns, len(coded))
        return Scores(probability.tolist(), log_odds(probability).tolist(), explanation, bounds)

    def cache_keys(self, columns: Columns) -> Sequence[Hashable]:
        """Return all values of each row as its key (see `Predictor.cache_keys`)."""
        return list(zip(*(columns[column] for column in COLUMNS), strict=True))

    def _bounds(self, columns: Columns, count: int) -> Callable[[int], ProbabilityBounds | None]:
        """Return a function of the row number; its first call tries missing values of all rows together."""

        @functools.cache
        def bounds_by_row() -> dict[int, ProbabilityBounds]:
            return probe_bounds(columns, missing_columns_by_row(columns, COLUMNS, count), self._probabilities)

        return lambda row: bounds_by_row().get(row)

    def _probabilities(self, columns: Columns) -> list[float]:
        coded = self._coding.transform(frame_from_columns(columns))
        probabilities: list[float] = self._forest.predict_proba(coded)[:, 1].tolist()
        return probabilities

    def _explanation(
        self, columns: Columns, coded: Floats, probability: Floats
    ) -> Callable[[int], ScoreExplanation]:
        """Return a function of the row number; its first call explains all rows together."""

        @functools.cache
        def contributions(reasons: "ForestReasons") -> Floats:
            return reasons.contributions(coded, probability)

        def explanation(row: int) -> ScoreExplanation:
            if self._reasons is None:
                return _NO_REASONS
            return self._reasons.explanation(contributions(self._reasons)[row], columns, row)

        return explanation

    @functools.cached_property
    def _reasons(self) -> "ForestReasons | None":
        """The forest's reasons; ``None`` without shap, whose import takes seconds."""
        try:
            from shap import TreeExplainer
        except ImportError:
            return None
        return ForestReasons(TreeExplainer(self._forest, feature_perturbation="tree_path_dependent"))


class ForestReasons:
    """Reasons of a fitted forest whose inputs are the codes of the eleven columns (`PreProcessing`).

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
        self._expected = np.array(explainer.expected_value[1], dtype=np.float64)
        self.base = float(log_odds(self._expected))

    def contributions(self, coded: Floats, probability: Floats) -> Floats:
        """Return the contribution of each column to the log-odds.

        Parameters
        ----------
        coded : ndarray of shape (n, 11)
            Inputs of the forest.
        probability : ndarray of shape (n,)
            Approval probabilities by the forest.

        Returns
        -------
        ndarray of shape (n, 11)
            ``base + contributions.sum(axis=1)`` is the log-odds.
        """
        shap_values = self._explainer.shap_values(coded, check_additivity=False)[:, :, 1]
        return np.asarray(shap_values * slope(self._expected, probability)[:, np.newaxis])

    def explanation(self, contributions: Floats, columns: Columns, row: int) -> ScoreExplanation:
        """Explain one row; `contributions` are the row's own, shape (11,)."""
        pairs = zip(FEATURES, contributions.tolist(), strict=True)
        reasons = [_reason(feature, columns[feature.column][row], points) for feature, points in pairs]
        return ScoreExplanation(self.base, reasons)


def _reason(feature: Feature, value: str | float | None, contribution: float) -> Reason:
    shown = "missing" if value is None else feature.value_text(value)
    return {
        "column": feature.column,
        "label": feature.label,
        "contribution": contribution,
        "text": f"{feature.label}: {shown}",
    }
