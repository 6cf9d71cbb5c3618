"""The process-wide active model: loaded once, swapped when another version becomes active."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from ml import store
from ml.errors import ArtefactError
from ml.scores import Predictor
from predictions.errors import ModelUnreadable, NoActiveModel
from predictions.models import ModelVersion

CHECK_EVERY = 1.0  # seconds
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ActiveModel:
    version_id: int
    predictor: Predictor
    manifest: dict[str, Any]
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


_state = _State()
_lock = threading.Lock()


def current() -> ActiveModel:
    """Return the active model; looks at most once a second whether another one was activated.

    Raises
    ------
    NoActiveModel, ModelUnreadable
    """
    state = _state
    if state.model is not None and time.monotonic() - state.checked_at < CHECK_EVERY:
        return state.model
    with _lock:
        if _state.model is None or time.monotonic() - _state.checked_at >= CHECK_EVERY:
            _refresh()
        if _state.model is None:
            raise ModelUnreadable(f"The active model cannot be loaded: {_state.problem}")
        return _state.model


def problem() -> str | None:
    """Say why the active version is not the one that serves, if so."""
    return _state.problem


def forget() -> None:
    """Look again at the next call: another version was activated in this process."""
    with _lock:
        _state.checked_at = float("-inf")


def reset() -> None:
    """Drop the loaded model."""
    with _lock:
        _state.model, _state.checked_at, _state.problem = None, float("-inf"), None


def open_version(version: ModelVersion) -> store.LoadedModel:
    """Load a version's artefact after signature, digest and golden rows hold."""
    return store.load(settings.ARTEFACTS / version.artefact, settings.ARTEFACT_KEY, version.digest)


def _refresh() -> None:
    version = ModelVersion.objects.active().only("id", "artefact", "digest").first()
    if version is None:
        _state.model = None
        raise NoActiveModel
    if _state.model is None or _state.model.version_id != version.pk:
        _swap(version)
    _state.checked_at = time.monotonic()


def _swap(version: ModelVersion) -> None:
    """Load the new version; when it cannot be trusted, the previous one goes on serving."""
    try:
        loaded = open_version(version)
    except ArtefactError as error:
        _state.problem = str(error)
        logger.error("Model version %s is refused: %s", version.pk, error)
        return
    _state.model, _state.problem = ActiveModel(version.pk, loaded.predictor, loaded.manifest), None
