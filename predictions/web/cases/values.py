"""Values of an application on pages: how they differ."""

from collections.abc import Iterator

from ml.applications.types import ApplicationValues, Value
from ml.schemas.features import Feature
from ml.schemas.schema import Schema


def value_changes(schema: Schema, before: ApplicationValues, after: ApplicationValues) -> Iterator[str]:
    """Yield a sentence for each value of the schema that differs, such as "Loan amount: 110 → 90"."""
    for feature in schema.features:
        old, new = before.get(feature.column), after.get(feature.column)
        if old != new:
            yield f"{feature.label}: {value_text(feature, old)} → {value_text(feature, new)}"


def value_text(feature: Feature, value: Value) -> str:
    return "unknown" if value is None else feature.value_words(value)
