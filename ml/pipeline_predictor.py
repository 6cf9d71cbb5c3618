"""A fitted scikit-learn pipeline behind the `Predictor` interface; imports pandas and scikit-learn."""

import numpy as np
from sklearn.pipeline import Pipeline

from ml.frame import from_columns
from ml.model_columns import Columns
from ml.schema import COLUMNS
from ml.scores import Explanation, Scores

# A forest may answer exactly 0 or 1, whose log-odds are infinite and no JSON number.
_EDGE = 1e-12
_NONE = Explanation(None, [])


class PipelinePredictor:
    """Scores without reasons: a forest has no exact contributions."""

    sources = COLUMNS

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def score(self, columns: Columns) -> Scores:
        """Score n applications (see `Scorecard.score`)."""
        probability = self._pipeline.predict_proba(from_columns(columns))[:, 1]
        inside = np.clip(probability, _EDGE, 1 - _EDGE)
        log_odds = np.log(inside / (1 - inside))
        return Scores(probability.tolist(), log_odds.tolist(), lambda row: _NONE)
