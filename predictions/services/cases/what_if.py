"""What-if: score a case with other values, by its own version and policy. Nothing is stored."""

from dataclasses import dataclass

from ml.applications.plausibility import referring_remarks
from ml.applications.types import ApplicationValues, Value
from ml.scorecard import flips
from ml.scorecard.could_be import CouldBe, find_could_be
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
    approved: bool
    causes: list[ReferralCause]
    explanation: ScoreExplanation


def try_values(*, prediction: Prediction, values: ApplicationValues) -> Trial:
    """Score the case with some values changed. Raises `ModelUnreadable`."""
    changed = _values(prediction) | dict(values)
    model, rule = open_cached_version(prediction.model_version), prediction.policy.rule
    columns = {column: [changed[column]] for column in model.schema.columns}
    scores, remarks = model.predictor.score(columns), model.remarks(columns).get(0, [])
    (probability,), (log_odds,) = scores.probability, scores.log_odds
    referring, held = referring_remarks(model.schema, remarks, changed), rule.held(model.schema, changed)
    facts = probability, scores.gaps(0), referring, held
    return Trial(
        probability,
        log_odds,
        rule.outcome(*facts),
        rule.approves(probability, referring, held),
        rule.causes(model.schema, *facts),
        scores.explanation(0),
    )


def smallest_flips(*, prediction: Prediction) -> list[flips.ValueFlip]:
    """Return the smallest changes of one value that would change the outcome. Raises `ModelUnreadable`."""
    model, rule = open_cached_version(prediction.model_version), prediction.policy.rule
    values = _values(prediction)
    return flips.find_flips(model.predictor, model.remarks, values, rule, flipped_outcome(prediction))


def largest_amount(*, prediction: Prediction) -> CouldBe | None:
    """Return the largest amount that the case's policy would approve. Raises `ModelUnreadable`.

    None too where the schema has no amount.
    """
    model, rule = open_cached_version(prediction.model_version), prediction.policy.rule
    amount = model.schema.amount
    if amount is None:
        return None
    return find_could_be(model.predictor, model.remarks, _values(prediction), amount, rule)


def flipped_outcome(prediction: Prediction) -> str:
    """Return the outcome that a change would lead to: denied if the case is approved, else approved."""
    outcomes = Prediction.Outcome
    return outcomes.DENIED if prediction.outcome == outcomes.APPROVED else outcomes.APPROVED


def _values(prediction: Prediction) -> dict[str, Value]:
    return dict(prediction.inputs)
