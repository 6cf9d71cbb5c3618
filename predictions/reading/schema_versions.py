"""The versions of a product's schema, with their numbers."""

from datetime import datetime
from typing import NamedTuple

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import Schema
from predictions.live.schemas import schema_of_row
from predictions.models import BUILT_IN, SchemaVersion


class NumberedSchema(NamedTuple):
    """A version of a schema. The built-in product's first version came with the release, at no time."""

    number: int
    schema: Schema
    at: datetime | None


def every(product_id: int) -> list[NumberedSchema]:
    """Return the versions of a product's schema, newest first."""
    rows = SchemaVersion.objects.filter(product=product_id).order_by("-number")
    versions = [NumberedSchema(row.number, schema_of_row(row), row.at) for row in rows]
    return [*versions, NumberedSchema(1, built_in(), None)] if product_id == BUILT_IN else versions


def number_in_use(product_id: int, schema: Schema) -> int:
    """Return the number of a schema that a product uses."""
    rows = SchemaVersion.objects.filter(product=product_id, digest=schema.digest)
    return rows.order_by("-number").values_list("number", flat=True).first() or 1
