"""Copies of artefacts in the database: a file that breaks or is missing does not stop the site."""

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
    """A loaded model, and what is wrong with its file where the copy had to serve."""

    model: store.LoadedModel
    problem: str | None


def open_for_serving(version: ModelVersion) -> OpenedModel:
    """Load a version from its file, or from the copy where the file cannot be trusted.

    Raises
    ------
    ArtefactError
        When the copy cannot be trusted either; says what is wrong with the file.
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
    """Keep a copy of a version's file unless there is a good one. Raises `ArtefactError`: nothing is kept.

    A version that an older program registered has none.
    """
    try:
        _copy_of(version)
    except ArtefactError:
        files = read_file(version)
        with write_transaction():
            for name, content in files.contents.items():
                version.artefact_files.update_or_create(name=name, defaults={"content": content})


def keep_copies() -> None:
    """Keep a copy of every version's file, as far as files can be trusted."""
    for version in ModelVersion.objects.only("artefact", "digest"):
        try:
            keep_copy(version)
        except ArtefactError as error:
            logger.warning("Version %s has no copy in the database: %s", version.pk, error)


def restore_artefact(version: ModelVersion) -> bool:
    """Write a version's file again from the copy, unless it can be trusted; tell whether it was written.

    A broken one stays beside it, under a name that begins with `broken-`. Raises `ArtefactError`.
    """
    try:
        read_file(version)
    except ArtefactError:
        files, place = _copy_of(version), settings.ARTEFACTS / version.artefact
        if place.exists():
            place.rename(place.with_name(f"broken-{secrets.token_hex(4)}-{place.name}"))
        store.write(files, place)
        return True
    return False


def _copy_of(version: ModelVersion) -> store.SignedFiles:
    contents = {name: bytes(part) for name, part in version.artefact_files.values_list("name", "content")}

    def part(name: str) -> bytes:
        if name not in contents:
            raise ArtefactMissing(f"The database has no copy of {version.artefact}/{name}.")
        return contents[name]

    return store.verify(f"the copy of {version.artefact}", part, settings.ARTEFACT_KEY, version.digest)
