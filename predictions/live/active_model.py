"""The process-wide active model: loaded once, swapped when another version becomes active."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from ml.applications.plausibility import RemarkFinder
from ml.artefacts import store
from ml.errors import ArtefactError
from ml.scorecard.scores import Predictor
from predictions import database_waits
from predictions.errors import ModelLoading, ModelUnreadable, NoActiveModel
from predictions.live.trained_on import trained_on
from predictions.models import ModelVersion
from predictions.services.versions import artefact_copies

CHECK_EVERY = 1.0  # seconds
VERIFY_FILE_EVERY = 20.0  # seconds
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ActiveModel:
    version_id: int
    predictor: Predictor
    manifest: dict[str, Any]
    remarks: RemarkFinder
    # Digest to id of explanations known to be stored, so that they are not looked up again.
    explanation_ids: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    # What each policy makes of what the model says, by the policy's id (see `services.verdicts`).
    verdicts: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def synthetic(self) -> bool:
        return bool(self.manifest["data"]["synthetic"])


@dataclass(slots=True)
class _State:
    model: ActiveModel | None = None
    checked_at: float = float("-inf")
    problem: str | None = None
    file_problem: str | None = None
    file_verified_at: float = float("-inf")


_state = _State()
_lock = threading.Lock()


def current() -> ActiveModel:
    """Return the active model; looks at most once a second whether another one was activated.

    Raises
    ------
    NoActiveModel, ModelLoading, ModelUnreadable
    """
    state = _state
    if state.model is not None and time.monotonic() - state.checked_at < CHECK_EVERY:
        return state.model
    if state.model is None:
        if not database_waits.acquire(_lock):
            raise ModelLoading
    elif not _lock.acquire(blocking=False):
        return state.model  # another thread is looking, and may have to wait for the database
    try:
        if _state.model is None or time.monotonic() - _state.checked_at >= CHECK_EVERY:
            _refresh()
        if _state.model is None:
            raise ModelUnreadable(f"The active model cannot be loaded: {_state.problem}")
        return _state.model
    finally:
        _lock.release()


def problem() -> str | None:
    """Say why the active version is not the one that serves, if so."""
    return _state.problem


def file_problem() -> str | None:
    """Say what is wrong with the file of the version that serves, though the version does.

    The file is read and verified at most every 20 seconds, and only when somebody asks.
    """
    model, now = _state.model, time.monotonic()
    if model is not None and now - _state.file_verified_at >= VERIFY_FILE_EVERY:
        found = _file_problem(model.version_id)
        if found and found != _state.file_problem:
            logger.error(
                "The file of version %s, which serves, cannot be trusted: %s", model.version_id, found
            )
        _state.file_problem, _state.file_verified_at = found, now
    return _state.file_problem


def forget() -> None:
    """Look again at the next call: another version was activated in this process."""
    with _lock:
        _state.checked_at = float("-inf")


def reset() -> None:
    """Drop the loaded model."""
    with _lock:
        _state.model, _state.checked_at, _state.problem = None, float("-inf"), None
        _state.file_problem, _state.file_verified_at = None, float("-inf")


def open_version(version: ModelVersion) -> store.LoadedModel:
    """Load a version's file and nothing else, after signature, digest and golden rows hold.

    For those who look at a version, export or activate it: a fault is told to them. What serves asks
    `artefact_copies.open_for_serving`.
    """
    return store.load(settings.ARTEFACTS / version.artefact, settings.ARTEFACT_KEY, version.digest)


def _refresh() -> None:
    version = ModelVersion.objects.active().defer("report").first()
    if version is None:
        _state.model = None
        raise NoActiveModel
    if _state.model is None or _state.model.version_id != version.pk:
        _swap(version)
    _state.checked_at = time.monotonic()


def _swap(version: ModelVersion) -> None:
    """Load the new version; when neither file nor copy can be trusted, the previous one goes on serving."""
    try:
        loaded, _state.file_problem = artefact_copies.open_for_serving(version)
    except ArtefactError as error:
        _state.problem = str(error)
        logger.error("Model version %s is refused: %s", version.pk, error)
        return
    _state.model, _state.problem = as_active(version, loaded), None


def as_active(version: ModelVersion, loaded: store.LoadedModel) -> ActiveModel:
    """Return a loaded version with what remarks about its applications take."""
    remarks = loaded.remarks(trained_on(version, loaded))
    return ActiveModel(version.pk, loaded.predictor, loaded.manifest, remarks)


def _file_problem(version_id: int) -> str | None:
    version = ModelVersion.objects.only("artefact", "digest").filter(pk=version_id).first()
    try:
        if version is not None:
            artefact_copies.read_file(version)
    except ArtefactError as error:
        return str(error)
    return None
