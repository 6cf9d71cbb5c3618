"""What missing values of a case could still change, why it is referred, and what document settles it."""

from dataclasses import dataclass

from ml.schema import BY_COLUMN
from predictions.models import Prediction
from predictions.web.presentation import cuts, percent


@dataclass(frozen=True, slots=True)
class MissingValue:
    """A value that the model reads and that was not given; `document` where it could flip the outcome."""

    label: str
    matters: str
    document: str


def missing_values(prediction: Prediction) -> list[MissingValue]:
    return [_missing(prediction, column) for column in prediction.missing]


def why_referred(prediction: Prediction) -> list[str]:
    """Return a sentence for each rule of the policy that referred the case."""
    if prediction.outcome != Prediction.Outcome.REFER:
        return []
    policy, why = prediction.policy, []
    if policy.in_band(prediction.approval_probability):
        why.append("The probability lies inside the refer band: close to the threshold a person looks.")
    if policy.refer_gaps and prediction.could_flip:
        why.append(_flipping([BY_COLUMN[column].label for column in prediction.could_flip]))
    return why


def _flipping(labels: list[str]) -> str:
    if len(labels) == 1:
        return f"A missing value could flip the outcome: {labels[0]}."
    return f"Missing values could flip the outcome: {', '.join(labels)}."


def _missing(prediction: Prediction, column: str) -> MissingValue:
    feature, span = BY_COLUMN[column], _span(prediction, column)
    if prediction.gaps is None:
        return MissingValue(feature.label, "what it could change was not worked out at that time.", "")
    if span is None:
        return MissingValue(feature.label, "whatever it is, the outcome stays.", "")
    document = feature.document if column in prediction.could_flip else ""
    low, high = (percent(end, *cuts(prediction.policy), digits=0) for end in span)
    known = f"known, it would bring the probability to between {low} % and {high} %; "
    return MissingValue(feature.label, known + _effect(prediction, column, span), document)


def _span(prediction: Prediction, column: str) -> list[float] | None:
    """Return the lowest and highest probability with this value known and the others still missing."""
    return prediction.gaps["alone"].get(column) if prediction.gaps else None


def _effect(prediction: Prediction, column: str, span: list[float]) -> str:
    policy, (low, high) = prediction.policy, span
    if policy.approves(low) != policy.approves(high):
        return "it could flip the outcome."
    if column in prediction.could_flip:
        return "together with the other missing values it could flip the outcome."
    band = policy.in_band(prediction.approval_probability)
    if any(policy.in_band(end) != band for end in span):
        return "it could move the case into or out of the refer band, but not across the threshold."
    return "whatever it is, the outcome stays."
