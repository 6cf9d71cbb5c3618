"""A fitted scikit-learn pipeline behind the `Predictor` interface; imports pandas and scikit-learn."""

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from sklearn.pipeline import Pipeline

from ml.applications.schema import COLUMNS
from ml.applications.types import Columns, Floats
from ml.forest.forest import log_odds
from ml.scorecard.missing_value_bounds import ProbabilityBounds, missing_columns_by_row, probe_bounds
from ml.scorecard.scores import ScoreExplanation, Scores
from ml.tables.frames import frame_from_columns

if TYPE_CHECKING:
    from ml.forest.forest_reasons import ForestReasons

_NONE = ScoreExplanation(None, [])


class PipelinePredictor:
    """Scores by pre-processing and forest; gives reasons where shap, an extra, can be imported."""

    sources = COLUMNS

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._coding, self._forest = pipeline[:-1], pipeline[-1]

    def __reduce__(self) -> tuple[Any, tuple[Pipeline]]:
        """Travel between processes without what was remembered here."""
        return PipelinePredictor, (self._pipeline,)

    def score(self, columns: Columns) -> Scores:
        """Score n applications (see `Scorecard.score`)."""
        coded = self._coding.transform(frame_from_columns(columns))
        probability = self._forest.predict_proba(coded)[:, 1]
        explanation, gaps = self._explanation(columns, coded, probability), self._gaps(columns, len(coded))
        return Scores(probability.tolist(), log_odds(probability).tolist(), explanation, gaps)

    def kinds(self, columns: Columns) -> Sequence[Hashable]:
        """Tell rows apart by all of their values (see `Predictor.kinds`)."""
        return list(zip(*(columns[column] for column in COLUMNS), strict=True))

    def _gaps(self, columns: Columns, count: int) -> Callable[[int], ProbabilityBounds | None]:
        """Try values by row number; all rows are tried together when the first is asked for."""

        @functools.cache
        def found() -> dict[int, ProbabilityBounds]:
            return probe_bounds(columns, missing_columns_by_row(columns, COLUMNS, count), self._probabilities)

        return lambda row: found().get(row)

    def _probabilities(self, columns: Columns) -> list[float]:
        coded = self._coding.transform(frame_from_columns(columns))
        found: list[float] = self._forest.predict_proba(coded)[:, 1].tolist()
        return found

    def _explanation(
        self, columns: Columns, coded: Floats, probability: Floats
    ) -> Callable[[int], ScoreExplanation]:
        """Explain by row number; all rows are worked out together when the first is asked for."""

        @functools.cache
        def contributions(reasons: "ForestReasons") -> Floats:
            return reasons.contributions(coded, probability)

        def explanation(row: int) -> ScoreExplanation:
            if self._reasons is None:
                return _NONE
            return self._reasons.explanation(contributions(self._reasons)[row], columns, row)

        return explanation

    @functools.cached_property
    def _reasons(self) -> "ForestReasons | None":
        """Imported at the first explanation, which takes seconds; scores alone never wait for it."""
        try:
            from ml.forest.forest_reasons import ForestReasons
        except ImportError:
            return None
        return ForestReasons(self._forest)
