"""ml.schema feature -> stock model field."""

from typing import Any

from django.db import models

from ml.schema import BY_COLUMN, Kind


def feature_field(column: str) -> "models.Field[Any, Any]":
    """Return the model field of a feature; NULL is a gap. `Applicant.clean_fields` holds it to ml's rules."""
    feature = BY_COLUMN[column]
    options: dict[str, Any] = {
        "verbose_name": feature.label,
        "help_text": feature.help,
        "null": feature.optional,
        "blank": feature.optional,
    }
    if feature.choices:
        options["choices"] = list(feature.choices)
    if feature.kind is Kind.NUMBER:
        return models.FloatField(**options)
    return models.CharField(max_length=max(map(len, map(str, feature.values))), **options)


class WrittenJSONField(models.JSONField):
    """JSON that only this program writes: SQLite need not parse it again to see that it is JSON."""

    def db_check(self, connection: Any) -> None:
        return None
