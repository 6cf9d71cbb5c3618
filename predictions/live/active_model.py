"""The active model of each product, loaded once a process and swapped when another version becomes active.

A few other verified versions are cached too: a case is tried under the version that scored it.
"""

import functools
import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from ml.applications.plausibility import RemarkFinder, TrainingValues, training_values
from ml.applications.records import columns_of
from ml.artefacts import store
from ml.artefacts.manifest import Manifest
from ml.errors import ArtefactError, DatasetError, MLError
from ml.schemas.schema import Schema
from ml.scorecard.scores import Predictor
from ml.tables.block_reader import BlockReader
from ml.tables.csv_stream import CsvStream
from ml.tables.training_csv import read_training_table
from predictions.errors import ModelLoading, ModelUnreadable, NoActiveModel
from predictions.live import artefact_copies
from predictions.live.schemas import newest_schema_of
from predictions.models import BUILT_IN, ModelVersion
from predictions.services.writing import database_waits

logger = logging.getLogger(__name__)


def training_values_of(version: ModelVersion, loaded: store.LoadedModel) -> TrainingValues | None:
    """Return the training values of a version; ``None`` if neither artefact nor training file has them."""
    return loaded.trained_on or version.report.get("values") or _training_file_values(version, loaded.schema)


def _training_file_values(version: ModelVersion, schema: Schema) -> TrainingValues | None:
    """Read the kept training file and write its values to the version's row, so that it is read once."""
    path = Path(settings.TRAINING_FILES) / f"{version.data_digest}.csv"
    try:
        values = _read_training_file(schema, path)
    except (OSError, MLError) as error:
        logger.info("The training values of version %s are unknown: %s", version.pk, error)
        return None
    report = version.report | {"values": values}
    ModelVersion.objects.filter(pk=version.pk).update(report=report)
    return values


def _read_training_file(schema: Schema, path: Path) -> TrainingValues:
    try:
        with path.open("rb") as file:  # a million rows take a second
            blocks = map(BlockReader(schema), CsvStream(schema, path.name, file).blocks())
            return training_values(schema, (block.columns for block in blocks))
    except DatasetError:  # what only the reader of whole tables accepts
        table = read_training_table(schema, path.name, path.read_bytes())
        return training_values(schema, [columns_of(schema, table.records)])


CHECK_INTERVAL = 1.0  # seconds
FILE_CHECK_INTERVAL = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class ActiveModel:
    version_id: int
    product_id: int
    predictor: Predictor
    manifest: Manifest
    remarks: RemarkFinder
    # Digest to id of explanations known to be stored, so that they are not looked up again.
    explanation_ids: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    # A cache of scored kinds for each policy, by its id (see `services.scoring.scoring`).
    scored_kinds: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def schema(self) -> Schema:
        """The schema by which the model reads applications."""
        return self.predictor.schema

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


_states: dict[int, _State] = {}  # by product
_lock = threading.Lock()


def current(product_id: int = BUILT_IN) -> ActiveModel:
    """Return a product's active model; look for another one at most once a second.

    Raises
    ------
    NoActiveModel, ModelLoading, ModelUnreadable
    """
    state = _state_of(product_id)
    if state.model is not None and time.monotonic() - state.checked_at < CHECK_INTERVAL:
        return state.model
    if state.model is None:
        if not database_waits.acquire_thread_lock(_lock):
            raise ModelLoading
    elif not _lock.acquire(blocking=False):
        return state.model  # another thread is looking, and may have to wait for the database
    try:
        if state.model is None or time.monotonic() - state.checked_at >= CHECK_INTERVAL:
            _refresh(product_id, state)
        if state.model is None:
            raise ModelUnreadable(f"The active model cannot be loaded: {state.problem}")
        return state.model
    finally:
        _lock.release()


def remembered(product_id: int) -> ActiveModel | None:
    """Return a product's active model if it need not be looked up now."""
    state = _state_of(product_id)
    return state.model if time.monotonic() - state.checked_at < CHECK_INTERVAL else None


def _state_of(product_id: int) -> _State:
    state = _states.get(product_id)
    return _states.setdefault(product_id, _State()) if state is None else state


def schema_in_use(product_id: int = BUILT_IN) -> Schema:
    """Return the schema of a product's form: that of its active model, or the newest if there is none."""
    try:
        return current(product_id).schema
    except (NoActiveModel, ModelUnreadable):
        return newest_schema_of(product_id)


def serving_problem(product_id: int = BUILT_IN) -> str | None:
    """Return why a product's active version does not serve; ``None`` if it does."""
    return _state_of(product_id).problem


def file_problem(product_id: int = BUILT_IN) -> str | None:
    """Return what is wrong with the file of a product's serving version; ``None`` if nothing is.

    The file is read and verified at most every 20 seconds, and only when somebody asks.
    """
    state, now = _state_of(product_id), time.monotonic()
    model = state.model
    if model is not None and now - state.file_verified_at >= FILE_CHECK_INTERVAL:
        problem = _file_problem(model.version_id)
        if problem and problem != state.file_problem:
            logger.error(
                "The file of version %s, which serves, cannot be trusted: %s", model.version_id, problem
            )
        state.file_problem, state.file_verified_at = problem, now
    return state.file_problem


def forget() -> None:
    """Look again at the next call: another version was activated in this process."""
    with _lock:
        for state in _states.values():
            state.checked_at = float("-inf")


def reset() -> None:
    """Drop the active models and the cached versions."""
    with _lock:
        _states.clear()
        _loaded.cache_clear()


def open_version(version: ModelVersion) -> store.LoadedModel:
    """Load a version from its file alone, after signature, digest and golden rows hold.

    Pages, exports and activations use it: they show a fault of the file. The serving path uses
    `artefact_copies.open_for_serving`.
    """
    return store.load(settings.ARTEFACTS / version.artefact, settings.ARTEFACT_KEY, version.digest)


def _refresh(product_id: int, state: _State) -> None:
    version = ModelVersion.objects.of_product(product_id).active().defer("report").first()
    if version is None:
        state.model = None
        raise NoActiveModel
    if state.model is None or state.model.version_id != version.pk:
        _swap(state, version)
    state.checked_at = time.monotonic()


def _swap(state: _State, version: ModelVersion) -> None:
    """Load the new version. If neither file nor copy can be trusted, the previous version goes on serving."""
    try:
        loaded, state.file_problem = artefact_copies.open_for_serving(version)
    except ArtefactError as error:
        state.problem = str(error)
        logger.error("Model version %s is refused: %s", version.pk, error)
        return
    state.model, state.problem = as_active(version, loaded), None


def as_active(version: ModelVersion, loaded: store.LoadedModel) -> ActiveModel:
    """Return a loaded version with the finder of remarks about its applications."""
    remarks = loaded.remarks(training_values_of(version, loaded))
    return ActiveModel(version.pk, version.product_key, loaded.predictor, loaded.manifest, remarks)


def _file_problem(version_id: int) -> str | None:
    version = ModelVersion.objects.only("artefact", "digest").filter(pk=version_id).first()
    try:
        if version is not None:
            artefact_copies.read_file(version)
    except ArtefactError as error:
        return str(error)
    return None


MAX_CACHED = 4


def open_cached_version(version: ModelVersion) -> ActiveModel:
    """Return any version as if it were active. Raises `ModelUnreadable` if it cannot be trusted."""
    directory = settings.ARTEFACTS / version.artefact
    try:
        return _loaded(version, directory, settings.ARTEFACT_KEY, version.digest)
    except ArtefactError as error:
        raise ModelUnreadable(f"Version {version.pk} cannot be loaded: {error}") from error


@functools.lru_cache(MAX_CACHED)
def _loaded(version: ModelVersion, directory: Path, key: bytes, digest: str) -> ActiveModel:
    """Load and verify a version. It never changes; refusals are not cached."""
    return as_active(version, artefact_copies.open_for_serving(version).model)
