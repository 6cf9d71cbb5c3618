"""A stored forest with the `Predictor` interface. It needs numpy alone, and shap for reasons."""

import functools
from collections.abc import Callable, Hashable, Sequence

from ml.applications.types import Columns, Floats, Value, to_python
from ml.forest.log_odds import log_odds
from ml.forest.model import Forest
from ml.forest.reasons import ForestReasons
from ml.schemas.features import Feature
from ml.schemas.schema import Schema
from ml.scorecard.missing_value_bounds import ProbabilityBounds, missing_columns_by_row, probe_bounds
from ml.scorecard.scores import Reason, ScoreExplanation, Scores

_NO_REASONS = ScoreExplanation(None, [])


class ForestPredictor:
    """A predictor of a forest. It reads the columns of the forest, whatever columns a row has besides.

    Parameters
    ----------
    schema : Schema
        The schema of the artefact, which words the reasons and bounds the probes of missing values.
    """

    def __init__(self, forest: Forest, schema: Schema) -> None:
        self.forest, self.schema = forest, schema
        self.sources = forest.columns

    def __reduce__(self) -> tuple[type["ForestPredictor"], tuple[Forest, Schema]]:
        """Pickle the forest without the cached reasons."""
        return ForestPredictor, (self.forest, self.schema)

    def score(self, columns: Columns) -> Scores:
        """Score n applications (see `Scorecard.score`)."""
        own = {column: columns[column] for column in self.sources}
        inputs = self.forest.inputs(own)
        probability = self.forest.probability(inputs)
        explanation = self._explanation(own, inputs, probability)
        bounds = self._bounds(own, len(inputs))
        return Scores(probability.tolist(), log_odds(probability).tolist(), explanation, bounds)

    def cache_keys(self, columns: Columns) -> Sequence[Hashable]:
        """Return the forest's own values of each row as its key (see `Predictor.cache_keys`)."""
        return list(zip(*(columns[column] for column in self.sources), strict=True))

    def _bounds(self, columns: Columns, count: int) -> Callable[[int], ProbabilityBounds | None]:
        """Return a function of the row number; its first call tries missing values of all rows together."""

        @functools.cache
        def bounds_by_row() -> dict[int, ProbabilityBounds]:
            missing = missing_columns_by_row(columns, self.sources, count)
            return probe_bounds(self.schema.by_column, columns, missing, self._probabilities)

        return lambda row: bounds_by_row().get(row)

    def _probabilities(self, columns: Columns) -> list[float]:
        probabilities: list[float] = self.forest.probability(self.forest.inputs(columns)).tolist()
        return probabilities

    def _explanation(
        self, columns: Columns, inputs: Floats, probability: Floats
    ) -> Callable[[int], ScoreExplanation]:
        """Return a function of the row number; its first call explains all rows together."""

        @functools.cache
        def contributions(reasons: ForestReasons) -> Floats:
            return reasons.contributions(inputs, probability)

        def explanation(row: int) -> ScoreExplanation:
            if self._reasons is None:
                return _NO_REASONS
            shares = contributions(self._reasons)[row].tolist()
            return ScoreExplanation(self._reasons.base, self._row_reasons(shares, columns, row))

        return explanation

    def _row_reasons(self, contributions: Sequence[float], columns: Columns, row: int) -> list[Reason]:
        return [
            _reason(self.schema.by_column[column], to_python(columns[column][row]), contribution)
            for column, contribution in zip(self.sources, contributions, strict=True)
        ]

    @functools.cached_property
    def _reasons(self) -> ForestReasons | None:
        return ForestReasons.of(self.forest)


def _reason(feature: Feature, value: Value, contribution: float) -> Reason:
    shown = "missing" if value is None else feature.value_text(value)
    return {
        "column": feature.column,
        "label": feature.label,
        "contribution": contribution,
        "text": f"{feature.label}: {shown}",
    }
