"""The artefact: a directory with a signed manifest and the bytes of a model.

``manifest.json`` contains the digest of the model file, so one signature covers both. The bytes that are
hashed are the bytes that are loaded.
"""

import hashlib
import hmac
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ml.applications.plausibility import RemarkFinder, TrainingValues
from ml.artefacts import golden
from ml.artefacts.manifest import (
    FIRST_FORMAT,
    FORMAT_VERSION,
    Manifest,
    check_versions,
    golden_rows_of,
    make_manifest,
    schema_of,
)
from ml.artefacts.model_files import MODEL_FILES, model_bytes, open_model
from ml.errors import ArtefactError, ArtefactExists, ArtefactIncompatible, ArtefactMissing, ArtefactTampered
from ml.schemas.schema import Schema
from ml.scorecard.scores import Predictor

if TYPE_CHECKING:
    from ml.training.training import TrainedModel

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A verified artefact: its manifest, the manifest's digest, its predictor and its schema."""

    manifest: Manifest
    digest: str
    predictor: Predictor
    schema: Schema

    def remarks(self, trained_on: TrainingValues | None = None) -> RemarkFinder:
        """Return the finder of remarks for this model.

        Parameters
        ----------
        trained_on : mapping, optional
            Training values to use if the artefact does not contain them.
        """
        return RemarkFinder(self.schema, self.trained_on or trained_on, self.manifest["columns"])

    @property
    def trained_on(self) -> TrainingValues | None:
        """The values of the training rows; ``None`` in an artefact of a version that did not store them."""
        values: TrainingValues | None = self.manifest["report"].get("values")
        return values


def save(trained: "TrainedModel", directory: Path, key: bytes) -> str:
    """Write `trained` as an artefact and return the manifest's SHA-256 in hex.

    The directory appears complete or not at all.

    Raises
    ------
    ArtefactExists
        If `directory` exists; an artefact is never overwritten.
    ArtefactError
        If the files cannot be written, or the model is neither a scorecard nor a forest.
    """
    kind, content = model_bytes(trained)
    manifest = json.dumps(make_manifest(trained, kind, content, trained.dataset.schema), indent=1).encode()
    files = {
        MODEL_FILES[kind][0]: content,
        MANIFEST: manifest,
        SIGNATURE: _sign(manifest, key).encode(),
    }
    _write(directory, files)
    return hashlib.sha256(manifest).hexdigest()


class SignedFiles(NamedTuple):
    """The files of an artefact whose signature and digests are valid; `name` is for error messages."""

    name: str
    manifest: Manifest
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
    ArtefactMissing
        If a file cannot be read.
    ArtefactTampered
        If the signature or a digest does not match.
    ArtefactIncompatible
        If the format is unknown, or other library versions pickled the model.
    GoldenRowsFailed
        If the model does not give the stored probabilities.
    """
    return open_files(read(directory, key, digest))


def read(directory: Path, key: bytes, digest: str | None = None) -> SignedFiles:
    """Read the files of an artefact and verify them (see `load`), without opening the model."""
    return verify(directory.name, partial(_read, directory), key, digest)


def verify(name: str, reader: Callable[[str], bytes], key: bytes, digest: str | None = None) -> SignedFiles:
    """Verify an artefact stored anywhere; `reader` returns the bytes of a file by its name (see `load`)."""
    manifest_bytes, signature = reader(MANIFEST), reader(SIGNATURE)
    if not hmac.compare_digest(_sign(manifest_bytes, key).encode(), signature):
        raise ArtefactTampered(f"The signature of {name} does not match this key.")
    manifest_digest = hashlib.sha256(manifest_bytes).hexdigest()
    if digest is not None and not hmac.compare_digest(manifest_digest, digest):
        raise ArtefactTampered(f"The manifest of {name} is not the one that was registered.")
    manifest: Manifest = json.loads(manifest_bytes)
    if manifest["format_version"] not in (FIRST_FORMAT, FORMAT_VERSION):
        expected = f"{FIRST_FORMAT} or {FORMAT_VERSION}"
        raise ArtefactIncompatible(f"{name} has format {manifest['format_version']}; expected {expected}.")
    model_file = MODEL_FILES[manifest["kind"]][0]
    model = reader(model_file)
    if hashlib.sha256(model).hexdigest() != manifest["model_sha256"]:
        raise ArtefactTampered(f"The model of {name} is not the one that was signed.")
    contents = {model_file: model, MANIFEST: manifest_bytes, SIGNATURE: signature}
    return SignedFiles(name, manifest, manifest_digest, contents)


def open_files(files: SignedFiles) -> LoadedModel:
    """Open the model of verified files and check its golden rows (see `load`)."""
    name, manifest, digest, contents = files
    check_versions(name, manifest)
    schema = schema_of(manifest)
    predictor = open_model(manifest["kind"], contents[MODEL_FILES[manifest["kind"]][0]], schema)
    golden.check_golden_rows(predictor, golden_rows_of(manifest), manifest["golden_probabilities"])
    return LoadedModel(manifest, digest, predictor, schema)


def write(files: SignedFiles, directory: Path) -> None:
    """Write verified files as an artefact; the directory appears complete or not at all (see `save`)."""
    _write(directory, files.contents)


def _write(directory: Path, files: dict[str, bytes]) -> None:
    try:
        _write_atomically(directory, files)
    except OSError as error:
        raise ArtefactError(f"{directory} cannot be written: {error.strerror or error}.") from error


def _read(directory: Path, name: str) -> bytes:
    try:
        return (directory / name).read_bytes()
    except OSError as error:
        raise ArtefactMissing(f"{directory.name}/{name} cannot be read: {error.strerror}.") from None


def _sign(content: bytes, key: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _write_atomically(directory: Path, files: dict[str, bytes]) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    if directory.exists():
        raise ArtefactExists(f"{directory} exists already; an artefact is never overwritten.")
    temporary = Path(tempfile.mkdtemp(prefix=".half-", dir=directory.parent))
    try:
        for name, content in files.items():
            with (temporary / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        temporary.rename(directory)
        _sync_directory(directory.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
