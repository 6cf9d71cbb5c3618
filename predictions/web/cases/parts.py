"""Parts of a case's page: the scale, the values entered, missing values, and changes of the outcome.

Lengths are strings: a locale must not change the decimal point.
"""

from dataclasses import dataclass

from ml.schemas.features import Feature
from ml.scorecard.flips import ValueFlip
from predictions.models import Policy, Prediction
from predictions.services.cases.model_facts import uncertainty_of
from predictions.services.cases.what_if import flipped_outcome, smallest_flips
from predictions.web.presentation import cuts, precise_percent
from predictions.words.labels import in_a_sentence, listed, with_article
from predictions.words.policies import ADVICE


@dataclass(frozen=True, slots=True)
class Mark:
    """A position on the scale with its label."""

    label: str
    at: str
    anchor: str


@dataclass(frozen=True, slots=True)
class ReferBand:
    """The part of the scale that the policy refers to a person."""

    low: str
    high: str
    start: str
    end: str
    width: str


class Scale:
    """A probability with its outcome under a policy. `was` is another probability to compare it with."""

    def __init__(self, probability: float, policy: Policy, outcome: str, was: float | None = None) -> None:
        self.outcome, self.advice = outcome, ADVICE[outcome]
        self.probability = place_mark(probability, precise_percent(probability, *cuts(policy)))
        self.threshold = place_mark(policy.threshold, f"{100 * policy.threshold:g}")
        self.was = None if was is None else place_mark(was, precise_percent(was, *cuts(policy)))
        self.band = _band(policy)
        self.low_end, self.high_end = policy.threshold > 0.15, policy.threshold < 0.85


def _band(policy: Policy) -> ReferBand | None:
    low, high = policy.refer_low, policy.refer_high
    if low is None or high is None:
        return None
    low_text, high_text = (f"{100 * end:g}" for end in (low, high))
    return ReferBand(low_text, high_text, _at(low), _at(high), _at(high - low))


def place_mark(share: float, label: str) -> Mark:
    """Place a label so that it stays inside the scale."""
    anchor = "start" if share < 0.15 else "end" if share > 0.85 else "middle"
    return Mark(label, _at(share), anchor)


def _at(share: float) -> str:
    return f"{100 * share:.2f}%"


@dataclass(frozen=True, slots=True)
class InputRow:
    """A value in words, None if missing. `used` is True if the model of the case uses it."""

    label: str
    value: str | None
    used: bool
    note: str


def columns_read(prediction: Prediction) -> set[str]:
    """Return the columns that the model reads. Training may find nothing in a column that it could use."""
    by_model_column = prediction.schema.by_model_column
    named = {reason["column"] for reason in prediction.reasons}
    if not named or not named <= by_model_column.keys():  # not from a points table
        return set(prediction.model_version.columns)
    return {source for name in named for source in by_model_column[name].sources}


def inputs_of(prediction: Prediction) -> list[InputRow]:
    read = columns_read(prediction)
    return [_row(prediction, feature, feature.column in read) for feature in prediction.schema.features]


def _row(prediction: Prediction, feature: Feature, used: bool) -> InputRow:
    value = prediction.inputs[feature.column]
    words = None if value is None else feature.value_words(value)
    return InputRow(feature.label, words, used, _note(feature, used))


def _note(feature: Feature, used: bool) -> str:
    if used:
        return "protected; this model uses it" if feature.protected else ""
    return "used only to compare groups" if feature.protected else "not used by this model"


@dataclass(frozen=True, slots=True)
class MissingValue:
    """A value that the model reads and that was not given.

    `document` is the document to ask for; empty if the value could not change the outcome.
    """

    column: str
    label: str
    matters: str
    document: str


def missing_values_of(prediction: Prediction) -> list[MissingValue]:
    return [_missing(prediction, column) for column in prediction.missing]


def _missing(prediction: Prediction, column: str) -> MissingValue:
    feature, span = prediction.schema.by_column[column], _span(prediction, column)
    if prediction.gaps is None:
        return MissingValue(column, feature.label, "its effect was not calculated when this was scored.", "")
    if span is None:
        return MissingValue(column, feature.label, "no value of it would change the outcome.", "")
    document = feature.document if column in prediction.could_flip else ""
    low, high = (precise_percent(end, *cuts(prediction.policy), digits=0) for end in span)
    reach = f"with it, the probability would be {low}% to {high}%; "
    return MissingValue(column, feature.label, reach + _effect(prediction, column, span), document)


def _span(prediction: Prediction, column: str) -> list[float] | None:
    """Return the lowest and highest probability with this value given and the others still missing."""
    return prediction.gaps["alone"].get(column) if prediction.gaps else None


def _effect(prediction: Prediction, column: str, span: list[float]) -> str:
    rule, (low, high) = prediction.policy.rule, span
    if rule.reaches_threshold(low) != rule.reaches_threshold(high):
        return "it could change the outcome."
    if column in prediction.could_flip:
        return "together with the other missing values it could change the outcome."
    band = rule.in_band(prediction.approval_probability)
    if any(rule.in_band(end) != band for end in span):
        return "it could move the case into or out of the refer band, not across the threshold."
    return "no value of it would change the outcome."


def uncertainty_words(prediction: Prediction) -> str:
    """Say that the training data cannot tell on which side of the threshold a case is; empty if they can."""
    interval = uncertainty_of(prediction)
    if interval is None or not prediction.policy.rule.can_flip([*interval]):
        return ""
    low, high = (precise_percent(end, prediction.policy.threshold, digits=0) for end in interval)
    return f"The training data cannot tell this case from the threshold: {low}% to {high}%."


class Flips:
    """One sentence for each column with a flip.

    `wanted` is what the model would do, approve or deny. `columns` names the columns that were tried.
    """

    def __init__(self, prediction: Prediction) -> None:
        approved = flipped_outcome(prediction) == Prediction.Outcome.APPROVED
        self.wanted = "approve" if approved else "deny"
        actionable = [feature for feature in prediction.schema.features if feature.actionable]
        self.columns = listed([in_a_sentence(feature.label) for feature in actionable], "or")
        self.sentences = [self._sentence(prediction, flip) for flip in smallest_flips(prediction=prediction)]

    def _sentence(self, prediction: Prediction, flip: ValueFlip) -> str:
        feature = prediction.schema.by_column[flip.column]
        probability = precise_percent(flip.probability, *cuts(prediction.policy), digits=0)
        changed = f"With {with_article(feature.label)} of {_bound(feature, flip)}"
        before = f"(now {feature.value_words(flip.before)})"
        return f"{changed} {before} the model would {self.wanted} ({probability}%){_end(feature, flip)}."


def _bound(feature: Feature, flip: ValueFlip) -> str:
    """Say "at most" or "at least" only if further steps have the same outcome. A forest may break this."""
    value = feature.value_words(flip.value)
    if not flip.onwards and flip.until == flip.value:
        return value
    return f"at most {value}" if flip.value < flip.before else f"at least {value}"


def _end(feature: Feature, flip: ValueFlip) -> str:
    """Name the last step if the next one has another outcome: a remark refers very small loans."""
    if flip.onwards or flip.until == flip.value:
        return ""
    return f", {'down' if flip.value < flip.before else 'up'} to {feature.value_words(flip.until)}"
