"""What the model would say of other values, under the version and policy of the case. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.applications.plausibility import referring_remarks
from ml.applications.schema import COLUMNS
from ml.scorecard import flips
from ml.scorecard.outcomes import ReferralCause
from ml.scorecard.scores import ScoreExplanation
from predictions.live.active_model import open_cached_version
from predictions.models import Prediction


@dataclass(frozen=True, slots=True)
class Trial:
    probability: float
    log_odds: float
    outcome: str
    causes: list[ReferralCause]
    explanation: ScoreExplanation


def try_values(*, prediction: Prediction, values: Mapping[str, Any]) -> Trial:
    """Score the case with some columns changed. Raises `ModelUnreadable`."""
    tried = _values(prediction) | dict(values)
    columns = {column: [tried[column]] for column in COLUMNS}
    model, rule = open_cached_version(prediction.model_version), prediction.policy.rule
    scores, remarks = model.predictor.score(columns), model.remarks(columns).get(0, [])
    (probability,), (log_odds,) = scores.probability, scores.log_odds
    judged = probability, scores.gaps(0), referring_remarks(remarks, tried["CoapplicantIncome"])
    return Trial(probability, log_odds, rule.outcome(*judged), rule.causes(*judged), scores.explanation(0))


def smallest_flips(*, prediction: Prediction) -> list[flips.ValueFlip]:
    """Return what an applicant could change for approval, or what would lose it. Raises `ModelUnreadable`."""
    model, rule = open_cached_version(prediction.model_version), prediction.policy.rule
    values = _values(prediction)
    return flips.find_flips(model.predictor, model.remarks, values, rule.outcome, flipped_outcome(prediction))


def flipped_outcome(prediction: Prediction) -> str:
    """Return the outcome that a flip would lead to."""
    outcomes = Prediction.Outcome
    return outcomes.DENIED if prediction.outcome == outcomes.APPROVED else outcomes.APPROVED


def _values(prediction: Prediction) -> dict[str, Any]:
    return {column: prediction.inputs[column] for column in COLUMNS}
