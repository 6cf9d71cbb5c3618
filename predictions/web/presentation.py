"""A prediction as its page shows it: words and lengths for what the row holds as facts."""

from dataclasses import dataclass
from typing import Any

from ml.schema import BY_COLUMN, FEATURES, Feature
from predictions.models import Prediction


@dataclass(frozen=True, slots=True)
class ReasonBar:
    """One reason with its bar, in percent of the longest one."""

    text: str
    contribution: float
    length: float


@dataclass(frozen=True, slots=True)
class InputRow:
    label: str
    value: str | None
    note: str


class CaseView:
    """What the page of one prediction needs."""

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        self.version = prediction.model_version
        self.percent = 100 * prediction.approval_probability
        self.threshold_percent = 100 * prediction.threshold
        bars = _bars(prediction.reasons)
        self.against = [bar for bar in bars if bar.contribution < 0]
        self.favourable = [bar for bar in reversed(bars) if bar.contribution >= 0]
        self.missing = [BY_COLUMN[column].label for column in prediction.missing]
        self.warnings = [
            {"label": BY_COLUMN[warning["attr"]].label, "detail": warning["detail"]}
            for warning in prediction.warnings
        ]
        self.inputs = [
            InputRow(feature.label, _shown(feature, prediction.inputs[feature.column]), self._note(feature))
            for feature in FEATURES
        ]

    def _note(self, feature: Feature) -> str:
        if feature.column in self.version.columns:
            return "protected, and used by this model" if feature.protected else ""
        return "kept for fairness figures only" if feature.protected else "not used by this model"


def _bars(reasons: list[dict[str, Any]]) -> list[ReasonBar]:
    longest = max((abs(reason["contribution"]) for reason in reasons), default=0) or 1
    return [
        ReasonBar(reason["text"], reason["contribution"], 100 * abs(reason["contribution"]) / longest)
        for reason in reasons
    ]


def _shown(feature: Feature, value: Any) -> str | None:
    if value is None:
        return None
    if feature.choices:
        return dict(feature.choices)[value]
    return f"{value:,.2f}".rstrip("0").rstrip(".") + f" {feature.unit}"
