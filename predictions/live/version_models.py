"""Verified models of any version, a few of them kept: a case is tried under the version that scored it."""

import functools
from pathlib import Path

from django.conf import settings

from ml.errors import ArtefactError
from predictions.errors import ModelUnreadable
from predictions.live import active_model
from predictions.live.active_model import ActiveModel
from predictions.models import ModelVersion
from predictions.services.versions import artefact_copies

MOST_KEPT = 4


def model_of(version: ModelVersion) -> ActiveModel:
    """Return a version as if it were the active one. Raises `ModelUnreadable` when it cannot be trusted."""
    directory = settings.ARTEFACTS / version.artefact
    try:
        return _loaded(version, directory, settings.ARTEFACT_KEY, version.digest)
    except ArtefactError as error:
        raise ModelUnreadable(f"Version {version.pk} cannot be loaded: {error}") from error


@functools.lru_cache(MOST_KEPT)
def _loaded(version: ModelVersion, directory: Path, key: bytes, digest: str) -> ActiveModel:
    """Load a version once it is verified; it never changes, and refusals are not kept."""
    return active_model.as_active(version, artefact_copies.open_for_serving(version).model)
