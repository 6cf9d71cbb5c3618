"""What the model would say of other values, under the version and policy of the case. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml import flips
from ml.schema import COLUMNS
from ml.scores import Explanation
from predictions.models import Prediction
from predictions.version_models import predictor_of


@dataclass(frozen=True, slots=True)
class Trial:
    probability: float
    log_odds: float
    outcome: str
    explanation: Explanation


def try_values(*, prediction: Prediction, values: Mapping[str, Any]) -> Trial:
    """Score the case with some columns changed. Raises `ModelUnreadable`."""
    tried = _values(prediction) | dict(values)
    scores = predictor_of(prediction.model_version).score({column: [tried[column]] for column in COLUMNS})
    (probability,), (log_odds,) = scores.probability, scores.log_odds
    outcome = prediction.policy.outcome(probability, scores.gaps(0))
    return Trial(probability, log_odds, outcome, scores.explanation(0))


def smallest_flips(*, prediction: Prediction) -> list[flips.Flip]:
    """Return what an applicant could change for approval, or what would lose it. Raises `ModelUnreadable`."""
    predictor = predictor_of(prediction.model_version)
    return flips.flips(predictor, _values(prediction), prediction.policy.outcome, wanted(prediction))


def wanted(prediction: Prediction) -> str:
    """Return the outcome that a flip would lead to."""
    outcomes = Prediction.Outcome
    return outcomes.DENIED if prediction.outcome == outcomes.APPROVED else outcomes.APPROVED


def _values(prediction: Prediction) -> dict[str, Any]:
    return {column: prediction.inputs[column] for column in COLUMNS}
