"""ml.applications.schema feature -> stock model field."""

from itertools import zip_longest
from typing import Any

from django.db import models

from ml.applications.schema import BY_COLUMN, COLUMNS, Kind


class _Number(models.FloatField):
    """A number as it is printed: older versions stored -0, too."""

    def from_db_value(self, value: float | None, expression: Any, connection: Any) -> float | None:
        return None if value is None else value + 0.0


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
        return _Number(**options)
    return models.CharField(max_length=max(map(len, map(str, feature.values))), **options)


class WrittenJSONField(models.JSONField):
    """JSON that only this program writes: SQLite need not parse it again to see that it is JSON."""

    def db_check(self, connection: Any) -> None:
        return None


class InputsField(WrittenJSONField):
    """An application's values by column, stored as an array in the order of `ml.applications.schema.COLUMNS`.

    Names would be two thirds of its bytes, and a third of what an array of applications writes. A column that
    is new in the schema must come last there; older rows have no value of it.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        values = super().from_db_value(value, expression, connection)
        if not isinstance(values, list):
            return values
        # Older versions stored -0, too.
        plain = [value + 0.0 if value == 0 else value for value in values]
        return dict(zip_longest(COLUMNS, plain))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, dict):
            value = [value.get(column) for column in COLUMNS]
        return super().get_db_prep_value(value, connection, prepared)
