"""Copies of artefacts in the database, which serve when a file is missing or damaged."""

import logging
import secrets
from typing import NamedTuple

from django.conf import settings

from ml.artefacts import store
from ml.errors import ArtefactError, ArtefactMissing
from predictions.models import ModelVersion
from predictions.services.writing.locks import write_transaction

logger = logging.getLogger(__name__)


class OpenedModel(NamedTuple):
    """A loaded model. `problem` says what is wrong with its file if the copy was used."""

    model: store.LoadedModel
    problem: str | None


def open_for_serving(version: ModelVersion) -> OpenedModel:
    """Load a version from its file, or from its copy if the file cannot be trusted.

    Raises
    ------
    ArtefactError
        If the copy cannot be trusted either. The error is that of the file.
    """
    try:
        return OpenedModel(store.open_files(read_file(version)), None)
    except ArtefactError as error:
        try:
            model = store.open_files(_copy_of(version))
        except ArtefactError:
            raise error from None
        logger.error("The file of version %s cannot be trusted, its copy serves: %s", version.pk, error)
        return OpenedModel(model, str(error))


def read_file(version: ModelVersion) -> store.SignedFiles:
    """Read and verify a version's file without opening the model. Raises `ArtefactError`."""
    return store.read(settings.ARTEFACTS / version.artefact, settings.ARTEFACT_KEY, version.digest)


def keep_copy(version: ModelVersion) -> None:
    """Store a copy of a version's files unless there is an intact one. Raises `ArtefactError`.

    Versions that an older release registered have no copy.
    """
    try:
        _copy_of(version)
    except ArtefactError:
        files = read_file(version)
        with write_transaction():
            for name, content in files.contents.items():
                version.artefact_files.update_or_create(name=name, defaults={"content": content})


def keep_copies() -> None:
    """Store a copy of every version whose files can be trusted."""
    for version in ModelVersion.objects.only("artefact", "digest"):
        try:
            keep_copy(version)
        except ArtefactError as error:
            logger.warning("Version %s has no copy in the database: %s", version.pk, error)


def restore_artefact(version: ModelVersion) -> bool:
    """Restore a version's files from the copy if they cannot be trusted. Return True if they were restored.

    A damaged directory is renamed: its name then starts with `broken-`. Raises `ArtefactError`.
    """
    try:
        read_file(version)
    except ArtefactError:
        files, directory = _copy_of(version), settings.ARTEFACTS / version.artefact
        if directory.exists():
            directory.rename(directory.with_name(f"broken-{secrets.token_hex(4)}-{directory.name}"))
        store.write(files, directory)
        return True
    return False


def _copy_of(version: ModelVersion) -> store.SignedFiles:
    rows = version.artefact_files.values_list("name", "content")
    contents = {name: bytes(content) for name, content in rows}

    def read(name: str) -> bytes:
        if name not in contents:
            raise ArtefactMissing(f"The database has no copy of {version.artefact}/{name}.")
        return contents[name]

    return store.verify(f"the copy of {version.artefact}", read, settings.ARTEFACT_KEY, version.digest)
