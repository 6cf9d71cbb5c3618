"""The columns of stored inputs by model version. They never change, so that a process reads them once."""

from typing import Any

from django.apps import apps

from ml.applications.schema import COLUMNS

_by_version: dict[int, tuple[str, ...]] = {}


def columns_of_version(version_id: int) -> tuple[str, ...]:
    """Return the columns of the schema of a model version, in the order of its stored inputs."""
    columns = _by_version.get(version_id)
    if columns is None:
        columns = _by_version[version_id] = _read(version_id)
    return columns


def columns_of_document(document: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the columns of an application in a schema's document; ``None`` is the built-in product's."""
    if document is None:
        return COLUMNS
    return tuple(entry["name"] for entry in document["column"] if entry.get("role") != "after_decision")


def reset() -> None:
    """Forget the columns of all versions."""
    _by_version.clear()


def _read(version_id: int) -> tuple[str, ...]:
    versions = apps.get_model("predictions", "ModelVersion").objects
    return columns_of_document(versions.values_list("schema__document", flat=True).get(pk=version_id))
