"""JSON fields for values that only this site writes."""

from collections.abc import Sequence

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.query_utils import DeferredAttribute

from ml.applications.records import encoded_lines
from ml.applications.types import Value
from ml.schemas.schema import Schema
from predictions.live.schemas import schema_of_version


class WrittenJSONField(models.JSONField):
    """JSON that only this site writes. It needs no database check that parses the text again."""

    def db_check(self, connection: BaseDatabaseWrapper) -> None:
        return None


class _InputsByColumn(DeferredAttribute):
    """Inputs as a dictionary. They are stored as an array in the order of the row's model version."""

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> object:
        if instance is None:
            return self
        values = super().__get__(instance, cls)
        if isinstance(values, list):
            values = inputs_by_column(instance.model_version_id, values)  # type: ignore[attr-defined]
            instance.__dict__[self.field.attname] = values
        return values

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


def stored_inputs(schema: Schema, rows: Sequence[Sequence[Value]]) -> list[str]:
    """Return each row's values as they are stored: whole numbers are two bytes shorter without ".0"."""
    lines = encoded_lines(rows)
    if not schema.has_texts_like_numbers:
        lines = lines.replace(b".0,", b",").replace(b".0]", b"]")
    return lines.decode().split("\n")[:-1]


def read_inputs(stored: Sequence[Value]) -> Sequence[Value]:
    """Return stored inputs with numbers as floats, and 0.0 for the -0.0 of older releases."""
    return [value + 0.0 if isinstance(value, (int, float)) else value for value in stored]


def inputs_by_column(version_id: int, values: Sequence[Value]) -> dict[str, Value]:
    """Return stored inputs by column, in the order of the schema of their model version."""
    return dict(zip(schema_of_version(version_id).columns, values, strict=True))


class InputsField(WrittenJSONField):
    """An application's values by column, stored as an array in the order of its model version's schema.

    Column names would take two thirds of the field's bytes, and a third of all bytes written for an array of
    applications. A queryset's `values` and `values_list` give the array.
    """

    descriptor_class = _InputsByColumn

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> object:
        values = super().from_db_value(value, expression, connection)
        return read_inputs(values) if isinstance(values, list) else values

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        value = super().pre_save(model_instance, add)
        if isinstance(value, dict):
            version_id = model_instance.model_version_id  # type: ignore[attr-defined] # of a prediction
            return [value.get(column) for column in schema_of_version(version_id).columns]
        return value
