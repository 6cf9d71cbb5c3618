"""What-if: score a case with other values, by its own version and policy. Nothing is stored."""

from dataclasses import dataclass

from ml.applications.plausibility import referring_remarks
from ml.applications.types import ApplicationValues, Value
from ml.scorecard import flips
from ml.scorecard.outcomes import ReferralCause
from ml.scorecard.scores import ScoreExplanation
from predictions.live.active_model import open_cached_version
from predictions.models import Prediction


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of scoring a case with other values."""

    probability: float
    log_odds: float
    outcome: str
    causes: list[ReferralCause]
    explanation: ScoreExplanation


def try_values(*, prediction: Prediction, values: ApplicationValues) -> Trial:
    """Score the case with some values changed. Raises `ModelUnreadable`."""
    changed = _values(prediction) | dict(values)
    model, rule = open_cached_version(prediction.model_version), prediction.policy.rule
    columns = {column: [changed[column]] for column in model.schema.columns}
    scores, remarks = model.predictor.score(columns), model.remarks(columns).get(0, [])
    (probability,), (log_odds,) = scores.probability, scores.log_odds
    referring = referring_remarks(model.schema, remarks, changed)
    facts = probability, scores.gaps(0), referring, rule.held(model.schema, changed)
    causes = rule.causes(model.schema, *facts)
    return Trial(probability, log_odds, rule.outcome(*facts), causes, scores.explanation(0))


def smallest_flips(*, prediction: Prediction) -> list[flips.ValueFlip]:
    """Return the smallest changes of one value that would change the outcome. Raises `ModelUnreadable`."""
    model, rule = open_cached_version(prediction.model_version), prediction.policy.rule
    values = _values(prediction)
    return flips.find_flips(model.predictor, model.remarks, values, rule, flipped_outcome(prediction))


def flipped_outcome(prediction: Prediction) -> str:
    """Return the outcome that a change would lead to: denied if the case is approved, else approved."""
    outcomes = Prediction.Outcome
    return outcomes.DENIED if prediction.outcome == outcomes.APPROVED else outcomes.APPROVED


def _values(prediction: Prediction) -> dict[str, Value]:
    return dict(prediction.inputs)
