"""The artefact: a directory with a signed manifest and the model's bytes.

``manifest.json`` holds the digests of the other files, so one signature covers everything. The bytes that are
hashed are the bytes that are loaded. Nothing here imports scikit-learn unless an artefact needs it.
"""

import hashlib
import hmac
import importlib.metadata
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ml.applications.plausibility import RemarkFinder, TrainingValues
from ml.artefacts import golden
from ml.errors import ArtefactError, ArtefactExists, ArtefactIncompatible, ArtefactMissing, ArtefactTampered
from ml.scorecard.scorecard import Scorecard
from ml.scorecard.scores import Predictor

if TYPE_CHECKING:
    from ml.training.training import TrainedModel


def _scorecard(content: bytes) -> Predictor:
    return Scorecard.from_json(json.loads(content))


def _pipeline(content: bytes) -> Predictor:
    from ml.artefacts.unpickle import load
    from ml.forest.predictor import PipelinePredictor

    return PipelinePredictor(load(content))


MODEL_FILES: dict[str, tuple[str, Callable[[bytes], Predictor]]] = {
    "scorecard": ("scorecard.json", _scorecard),
    "pipeline": ("pipeline.joblib", _pipeline),
}


def open_model(kind: str, content: bytes) -> Predictor:
    """Return the predictor of verified model bytes; `kind` is ``"scorecard"`` or ``"pipeline"``."""
    return MODEL_FILES[kind][1](content)


MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
FORMAT_VERSION = 1
# A pickled pipeline is only sure to mean the same under the very versions that wrote it.
PICKLED_BY = ("scikit-learn", "numpy", "pandas", "joblib")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A verified artefact: its manifest, the manifest's digest and its predictor."""

    manifest: dict[str, Any]
    digest: str
    predictor: Predictor

    def remarks(self, trained_on: TrainingValues | None = None) -> RemarkFinder:
        """Return what finds remarks for it; `trained_on` is for an artefact that does not say."""
        return RemarkFinder(self.trained_on or trained_on, self.manifest["columns"])

    @property
    def trained_on(self) -> TrainingValues | None:
        """What the rows that it was trained on hold; ``None`` of an artefact from before that was kept."""
        values: TrainingValues | None = self.manifest["report"].get("values")
        return values


def save(trained: "TrainedModel", directory: Path, key: bytes) -> str:
    """Write `trained` as an artefact and return the manifest's SHA-256 in hex.

    The directory appears complete or not at all.

    Raises
    ------
    ArtefactExists
        When `directory` exists; an artefact is never overwritten.
    ArtefactError
        When it cannot be written.
    """
    kind, content = _model_bytes(trained)
    manifest = json.dumps(_manifest(trained, kind, content), indent=1).encode()
    files = {
        MODEL_FILES[kind][0]: content,
        MANIFEST: manifest,
        SIGNATURE: _sign(manifest, key).encode(),
    }
    digest = hashlib.sha256(manifest).hexdigest()
    write(SignedFiles(directory.name, {}, digest, files), directory)
    return digest


class SignedFiles(NamedTuple):
    """An artefact's files whose signature and digests hold; `name` stands in error messages."""

    name: str
    manifest: dict[str, Any]
    digest: str
    contents: dict[str, bytes]


def load(directory: Path, key: bytes, digest: str | None = None) -> LoadedModel:
    """Verify an artefact and load it.

    Parameters
    ----------
    key : bytes
        The signing key.
    digest : str, optional
        SHA-256 in hex that the manifest must have.

    Raises
    ------
    ArtefactMissing, ArtefactTampered, ArtefactIncompatible, GoldenRowsFailed
    """
    return open_files(read(directory, key, digest))


def read(directory: Path, key: bytes, digest: str | None = None) -> SignedFiles:
    """Read an artefact's files and verify them (see `load`), without opening the model."""
    return verify(directory.name, partial(_read, directory), key, digest)


def verify(name: str, reader: Callable[[str], bytes], key: bytes, digest: str | None = None) -> SignedFiles:
    """Verify an artefact whose files `reader` gives by their names, wherever they are kept (see `load`)."""
    manifest_bytes, signature = reader(MANIFEST), reader(SIGNATURE)
    if not hmac.compare_digest(_sign(manifest_bytes, key).encode(), signature):
        raise ArtefactTampered(f"The signature of {name} does not hold with this key.")
    found = hashlib.sha256(manifest_bytes).hexdigest()
    if digest is not None and not hmac.compare_digest(found, digest):
        raise ArtefactTampered(f"The manifest of {name} is not the one that was registered.")
    manifest = json.loads(manifest_bytes)
    if manifest["format_version"] != FORMAT_VERSION:
        raise ArtefactIncompatible(f"{name} has format {manifest['format_version']}.")
    model_file = MODEL_FILES[manifest["kind"]][0]
    model = reader(model_file)
    if hashlib.sha256(model).hexdigest() != manifest["model_sha256"]:
        raise ArtefactTampered(f"The model of {name} is not the one that was signed.")
    contents = {model_file: model, MANIFEST: manifest_bytes, SIGNATURE: signature}
    return SignedFiles(name, manifest, found, contents)


def open_files(files: SignedFiles) -> LoadedModel:
    """Open the model of verified files, if this installation can and the golden rows hold."""
    name, manifest, digest, contents = files
    _check_versions(name, manifest)
    predictor = open_model(manifest["kind"], contents[MODEL_FILES[manifest["kind"]][0]])
    golden.check_golden_rows(predictor, manifest["golden_probabilities"])
    return LoadedModel(manifest, digest, predictor)


def write(files: SignedFiles, directory: Path) -> None:
    """Write verified files as an artefact; the directory appears complete or not at all (see `save`)."""
    try:
        _write_atomically(directory, files.contents)
    except OSError as error:
        raise ArtefactError(f"{directory} cannot be written: {error.strerror or error}.") from error


def _check_versions(name: str, manifest: dict[str, Any]) -> None:
    if manifest["kind"] != "pipeline":
        return
    for package in PICKLED_BY:
        made, here = manifest["versions"][package], importlib.metadata.version(package)
        if made != here:
            raise ArtefactIncompatible(
                f"{name} was made by {package} {made}; this is {here}. Train it again."
            )


def _read(directory: Path, name: str) -> bytes:
    try:
        return (directory / name).read_bytes()
    except OSError as error:
        raise ArtefactMissing(f"{directory.name}/{name} cannot be read: {error.strerror}.") from None


def _sign(content: bytes, key: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _model_bytes(trained: "TrainedModel") -> tuple[str, bytes]:
    if trained.scorecard is not None:
        return "scorecard", json.dumps(trained.scorecard.to_json(), indent=1).encode()
    from ml.artefacts.unpickle import dump

    return "pipeline", dump(trained.pipeline)


def _manifest(trained: "TrainedModel", kind: str, content: bytes) -> dict[str, Any]:
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
        "golden_probabilities": open_model(kind, content).score(golden.golden_columns()).probability,
        "versions": {"python": platform.python_version()}
        | {package: importlib.metadata.version(package) for package in PICKLED_BY},
    }


def _write_atomically(directory: Path, files: dict[str, bytes]) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    if directory.exists():
        raise ArtefactExists(f"{directory} exists already; an artefact is never overwritten.")
    half = Path(tempfile.mkdtemp(prefix=".half-", dir=directory.parent))
    try:
        for name, content in files.items():
            with (half / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        half.rename(directory)
        _sync_directory(directory.parent)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
