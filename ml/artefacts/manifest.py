"""The manifest of an artefact: where the model comes from, and what it must give.

Format 2 carries the schema and the golden rows. A model of format 1 has the built-in schema's first version.
"""

import hashlib
import importlib.metadata
import platform
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from ml.applications.types import Columns, Value
from ml.artefacts import golden
from ml.artefacts.model_files import open_model
from ml.errors import ArtefactIncompatible
from ml.products.loan_prediction import golden_rows
from ml.products.loan_prediction.schema import built_in
from ml.schemas.schema import Schema, schema_from_document

if TYPE_CHECKING:
    from ml.training.training import TrainedModel

FORMAT_VERSION = 2
FIRST_FORMAT = 1  # without schema and golden rows
# Only under exactly these versions is a pickled pipeline sure to score as it did when it was stored.
PICKLED_BY = ("scikit-learn", "numpy", "pandas", "joblib")
_TRAIN_AGAIN = "Train it again: manage.py train --recipe {}, or python -m ml train --recipe {}."


class TrainingData(TypedDict):
    """The table that a model was trained on."""

    name: str
    sha256: str
    rows: int
    synthetic: bool


class Manifest(TypedDict):
    """The facts of ``manifest.json``."""

    format_version: int
    kind: str
    recipe: str
    columns: list[str]
    protected_columns: list[str]
    trained_at: str
    data: TrainingData
    report: dict[str, Any]
    model_sha256: str
    golden_probabilities: list[float]
    versions: dict[str, str]
    schema: NotRequired[dict[str, Any]]  # since format 2
    golden_rows: NotRequired[dict[str, list[Value]]]  # since format 2


def make_manifest(trained: "TrainedModel", kind: str, content: bytes, schema: Schema) -> Manifest:
    """Return the manifest of a trained model, whose file has the bytes `content`."""
    rows = golden.golden_columns(schema)
    return {
        "format_version": FORMAT_VERSION,
        "kind": kind,
        "recipe": trained.recipe.name,
        "columns": list(trained.recipe.columns),
        "protected_columns": list(trained.recipe.protected),
        "trained_at": trained.trained_at.isoformat(),
        "data": {
            "name": trained.dataset.name,
            "sha256": trained.dataset.digest,
            "rows": len(trained.dataset.y),
            "synthetic": trained.dataset.synthetic,
        },
        "report": trained.report,
        "model_sha256": hashlib.sha256(content).hexdigest(),
        "golden_rows": rows,
        "golden_probabilities": open_model(kind, content, schema).score(rows).probability,
        "schema": schema.document,
        "versions": {"python": platform.python_version()}
        | {package: importlib.metadata.version(package) for package in PICKLED_BY},
    }


def schema_of(manifest: Manifest) -> Schema:
    """Return the schema that a model was trained by."""
    if manifest["format_version"] == FIRST_FORMAT:
        return built_in()
    return schema_from_document(manifest["schema"])


def golden_rows_of(manifest: Manifest) -> Columns:
    """Return the rows of the stored probabilities as columns."""
    if manifest["format_version"] == FIRST_FORMAT:
        return golden_rows.golden_columns()
    return manifest["golden_rows"]


def check_versions(name: str, manifest: Manifest) -> None:
    """Raise `ArtefactIncompatible` if other library versions pickled the model of the artefact `name`."""
    if manifest["kind"] != "pipeline":
        return
    for package in PICKLED_BY:
        stored, installed = manifest["versions"][package], importlib.metadata.version(package)
        if stored != installed:
            raise ArtefactIncompatible(
                f"{name} was made by {package} {stored}, but {installed} is installed. "
                + _TRAIN_AGAIN.format(manifest["recipe"], manifest["recipe"])
            )
