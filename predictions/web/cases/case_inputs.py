"""The values of a case as they were entered."""

from dataclasses import dataclass

from ml.applications.schema import FEATURES, Feature
from predictions.models import ModelVersion, Prediction


@dataclass(frozen=True, slots=True)
class InputRow:
    """A value in words, ``None`` for a gap; `used` by the model that scored the case."""

    label: str
    value: str | None
    used: bool
    note: str


def input_rows(prediction: Prediction) -> list[InputRow]:
    return [_row(prediction, feature) for feature in FEATURES]


def _row(prediction: Prediction, feature: Feature) -> InputRow:
    value, version = prediction.inputs[feature.column], prediction.model_version
    words = None if value is None else feature.words(value)
    return InputRow(feature.label, words, feature.column in version.columns, _note(version, feature))


def _note(version: ModelVersion, feature: Feature) -> str:
    if feature.column in version.columns:
        return "protected, and used by this model" if feature.protected else ""
    return "kept for fairness figures only" if feature.protected else "not used by this model"
