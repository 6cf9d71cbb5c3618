"""Model fields for features, and JSON fields for values that only this site writes."""

from itertools import zip_longest

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from ml.applications.schema import BY_COLUMN, COLUMNS, Kind


class _Number(models.FloatField):
    """A number that is read as 0.0 where an older release stored -0.0."""

    def from_db_value(
        self, value: float | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> float | None:
        return None if value is None else value + 0.0


def feature_field(column: str) -> "models.FloatField | models.CharField":
    """Return the model field of a feature. NULL is a missing value; `Applicant.clean_fields` checks it."""
    feature = BY_COLUMN[column]
    if feature.kind is Kind.NUMBER:
        field: models.FloatField | models.CharField = _Number(feature.label)
    else:
        field = models.CharField(feature.label, max_length=max(len(str(value)) for value in feature.values))
    field.help_text, field.null, field.blank = feature.help, feature.optional, feature.optional
    if feature.choices:
        field.choices = list(feature.choices)
    return field


class WrittenJSONField(models.JSONField):
    """JSON that only this site writes. It needs no database check that parses the text again."""

    def db_check(self, connection: BaseDatabaseWrapper) -> None:
        return None


class InputsField(WrittenJSONField):
    """An application's values by column, stored as an array in the order of `ml.applications.schema.COLUMNS`.

    Column names would take two thirds of the field's bytes, and a third of all bytes written for an array of
    applications. New columns of the schema must come last; rows stored before have no value for them.
    """

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> object:
        values = super().from_db_value(value, expression, connection)
        if not isinstance(values, list):
            return values
        # Older releases stored -0.0: adding 0.0 makes it 0.0.
        plain = [value + 0.0 if value == 0 else value for value in values]
        return dict(zip_longest(COLUMNS, plain))

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> object:
        if isinstance(value, dict):
            value = [value.get(column) for column in COLUMNS]
        return super().get_db_prep_value(value, connection, prepared)
