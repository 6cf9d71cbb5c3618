"""The amount that a prediction's application asks for: one of its stored values, at its schema's place."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, FloatField, Func, When
from django.db.models.sql.compiler import SQLCompiler

from predictions.live.schemas import schema_of_version
from predictions.models import ModelVersion


class NumberAt(Func):
    """The number at a place of stored values; NULL if it is missing.

    Django's own lookup reads the text twice for each comparison, and finds null greater than every number.
    """

    output_field = FloatField()
    # CASE: PostgreSQL may compute it for rows that other conditions leave out, which may have a text there.
    template = (
        "CASE WHEN JSONB_TYPEOF(%(expressions)s -> %(place)s) = 'number' "
        "THEN CAST(%(expressions)s ->> %(place)s AS double precision) END"
    )

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str | None
    ) -> tuple[str, tuple[str | int, ...]]:
        template = "JSON_EXTRACT(%(expressions)s, '$[%(place)s]')"
        return super().as_sql(compiler, connection, template=template, **context)


def stored_amount() -> Case:
    """Return an expression for the amount of a prediction; NULL if it is missing."""
    whens = [
        When(model_version__in=versions, then=NumberAt("inputs", place=place))
        for place, versions in versions_by_place().items()
    ]
    return Case(*whens, output_field=FloatField())


def versions_by_place() -> dict[int, list[int]]:
    """Return the model versions by the place of the amount among their stored values."""
    versions: dict[int, list[int]] = {}
    for pk in ModelVersion.objects.values_list("pk", flat=True):
        schema = schema_of_version(pk)
        if schema.amount:
            versions.setdefault(schema.columns.index(schema.amount), []).append(pk)
    return versions
