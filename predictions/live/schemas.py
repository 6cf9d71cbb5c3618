"""The schemas of model versions and products. A version's schema never changes: a process reads it once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps

from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import Schema, digest_of, schema_from_document
from predictions.errors import ModelUnreadable

if TYPE_CHECKING:
    from predictions.models import SchemaVersion

_by_version: dict[int, Schema] = {}


def schema_of_version(version_id: int) -> Schema:
    """Return the schema by which a model version reads applications, and their stored inputs."""
    schema = _by_version.get(version_id)
    if schema is None:
        schema = _by_version[version_id] = _read(version_id)
    return schema


def schema_of_document(document: Mapping[str, Any] | None, digest: str | None) -> Schema:
    """Return the schema of a stored document; ``None`` is the built-in product's first version.

    Raises
    ------
    ModelUnreadable
        If the document does not have its digest: stored values would be read under wrong names.
    """
    if document is None:
        return built_in()
    if digest_of(document) != digest:
        raise ModelUnreadable(f"A schema in the database is not the one that was stored: {digest}.")
    return schema_from_document(document)


def schema_of_row(row: "SchemaVersion | None") -> Schema:
    """Return the schema of a row (see `schema_of_document`)."""
    return schema_of_document(row.document, row.digest) if row else built_in()


def newest_schema_of(product_id: int) -> Schema:
    """Return the schema that the next model of a product is trained by."""
    versions = apps.get_model("predictions", "SchemaVersion").objects
    documents = versions.filter(product=product_id).order_by("-number").values_list("document", "digest")
    return schema_of_document(*(documents.first() or (None, None)))


def reset() -> None:
    """Forget the schemas of all versions."""
    _by_version.clear()


def _read(version_id: int) -> Schema:
    versions = apps.get_model("predictions", "ModelVersion").objects
    return schema_of_document(*versions.values_list("schema__document", "schema__digest").get(pk=version_id))
