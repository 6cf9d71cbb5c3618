"""The features as data, for programs that build forms of their own."""

from typing import Any

from ml.applications.schema import FEATURES, Feature
from ml.scorecard.columns import MODEL_COLUMNS


def features_json() -> dict[str, Any]:
    """Return the features and the scorecard's columns for programs that build forms."""
    return {
        "features": [_feature_json(feature) for feature in FEATURES],
        "model_columns": [
            {"column": c.column, "label": c.label, "sources": list(c.sources), "unit": c.unit}
            for c in MODEL_COLUMNS
        ],
    }


def _feature_json(feature: Feature) -> dict[str, Any]:
    return {
        "column": feature.column,
        "label": feature.label,
        "group": str(feature.group),
        "kind": str(feature.kind),
        "required": not feature.optional,
        "protected": feature.protected,
        "choices": [{"value": value, "label": label} for value, label in feature.choices],
        "minimum": feature.minimum,
        "above": feature.above,
        "maximum": feature.maximum,
        "unit": feature.unit,
        "help": feature.help,
    }
