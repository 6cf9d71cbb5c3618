"""What missing values of a case could still change, and what document settles it."""

from dataclasses import dataclass

from ml.applications.schema import BY_COLUMN
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
    rule, (low, high) = prediction.policy.rule, span
    if rule.reaches(low) != rule.reaches(high):
        return "it could flip the outcome."
    if column in prediction.could_flip:
        return "together with the other missing values it could flip the outcome."
    band = rule.in_band(prediction.approval_probability)
    if any(rule.in_band(end) != band for end in span):
        return "it could move the case into or out of the refer band, but not across the threshold."
    return "whatever it is, the outcome stays."
