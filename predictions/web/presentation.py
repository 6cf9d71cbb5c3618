"""A prediction as its page shows it: words and lengths for what the row holds as facts."""

from dataclasses import dataclass
from typing import Any, Self

from django.db.models import QuerySet

from ml.number_text import signed
from ml.schema import BY_COLUMN, FEATURES, Feature
from predictions.models import Prediction


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a scale of 0 to 100 %, with its label; lengths are text, so that no locale changes them."""

    label: str
    at: str
    anchor: str


@dataclass(frozen=True, slots=True)
class ReasonBar:
    """One reason with its weight and its bar, in percent of the longest one."""

    text: str
    weight: str
    length: str


@dataclass(frozen=True, slots=True)
class InputRow:
    label: str
    value: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """One prediction in a list."""

    prediction: Prediction
    percent: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some predictions, newest first, and the key below which the next page starts."""

    lines: list[Line]
    older: int | None

    @classmethod
    def of(cls, rows: QuerySet[Prediction], size: int) -> Self:
        found = list(rows[: size + 1])
        shown = found[:size]
        older = shown[-1].pk if len(found) > size else None
        return cls([Line(prediction, percent_text(prediction)) for prediction in shown], older)


class CaseView:
    """What the page of one prediction needs."""

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        self.version = prediction.model_version
        self.probability = mark(prediction.approval_probability, percent_text(prediction))
        self.threshold = mark(prediction.threshold, f"{100 * prediction.threshold:g}")
        self.missing = [BY_COLUMN[column].label for column in prediction.missing]
        self.warnings = [
            {"label": BY_COLUMN[warning["attr"]].label, "detail": warning["detail"]}
            for warning in prediction.warnings
        ]
        self.inputs = [
            InputRow(feature.label, _shown(feature, prediction.inputs[feature.column]), self._note(feature))
            for feature in FEATURES
        ]
        self.protected = [BY_COLUMN[column].label for column in self.version.protected_columns]
        self._explain(prediction)

    def _explain(self, prediction: Prediction) -> None:
        """Split the reasons, the weightiest of each side first; base and weights sum to the log-odds."""
        reasons = prediction.reasons
        longest = max((abs(reason["contribution"]) for reason in reasons), default=0) or 1
        self.against = [_bar(reason, longest) for reason in reasons if reason["contribution"] < 0]
        self.favourable = [
            _bar(reason, longest) for reason in reversed(reasons) if reason["contribution"] >= 0
        ]
        self.base = None if prediction.base is None else signed(prediction.base)
        self.log_odds = signed(prediction.log_odds)

    def _note(self, feature: Feature) -> str:
        if feature.column in self.version.columns:
            return "protected, and used by this model" if feature.protected else ""
        return "kept for fairness figures only" if feature.protected else "not used by this model"


def percent_text(prediction: Prediction) -> str:
    return percent(prediction.approval_probability, prediction.threshold)


def percent(probability: float, threshold: float) -> str:
    """Write the probability with as many digits as show on which side of the threshold it lies."""
    for digits in range(1, 13):
        text = f"{100 * probability:.{digits}f}"
        if (float(text) >= 100 * threshold) == (probability >= threshold):
            break
    return text


def mark(share: float, label: str) -> Mark:
    """Place a label so that it does not leave the scale."""
    anchor = "start" if share < 0.15 else "end" if share > 0.85 else "middle"
    return Mark(label, f"{100 * share:.2f}%", anchor)


def _bar(reason: dict[str, Any], longest: float) -> ReasonBar:
    length = 100 * abs(reason["contribution"]) / longest
    return ReasonBar(reason["text"], signed(reason["contribution"]), f"{length:.2f}%")


def _shown(feature: Feature, value: Any) -> str | None:
    return None if value is None else feature.words(value)
