"""A candidate beside the active version, on both training tables (needs scikit-learn)."""

from typing import Any

import numpy as np
from django.utils import timezone

from ml.applications.types import Floats
from ml.errors import DatasetError, DatasetFault, MLError
from ml.evaluation.cross_validation import out_of_fold_probabilities, repeated_folds
from ml.evaluation.gate import UnreadableTable, judge_candidate
from ml.evaluation.metrics import ProgressCallback, no_progress, single_threaded_blas
from ml.evaluation.side_by_side import ComparedVersion
from ml.tables.frames import Dataset, read_training_csv
from ml.training.recipes import get
from predictions.live import active_model
from predictions.models import Comparison, ModelVersion, OutOfFold
from predictions.services.versions import gate, registry, training_files


def compare_with_active(*, candidate: ModelVersion, progress: ProgressCallback = no_progress) -> Comparison:
    """Store what the gate says of a candidate beside the version that is active now."""
    active = ModelVersion.objects.active().first()
    found = Comparison(candidate=candidate, incumbent=active, at=timezone.now())
    try:
        found.verdict = _verdict(candidate, active, progress)
    except MLError as error:
        found.error = f"The comparison could not be made: {error}"
    found.save()
    return found


def get_or_make_comparison(
    *, candidate: ModelVersion, progress: ProgressCallback = no_progress
) -> Comparison:
    """Return the comparison with the version that is active now, made if there is none."""
    found = gate.newest_comparison(candidate, ModelVersion.objects.active().first())
    return found if found and found.verdict else compare_with_active(candidate=candidate, progress=progress)


def _verdict(
    candidate: ModelVersion, active: ModelVersion | None, progress: ProgressCallback
) -> dict[str, Any]:
    validation = candidate.report["cross_validation"]
    if "folds" not in validation["models"][candidate.recipe]:
        raise MLError("it was trained before figures were kept fold by fold. Train it again.")
    own = _version(candidate, _dataset(candidate), progress)
    other = _active(active, progress) if active else None
    rules = {"blocks": gate.can_block(active), "synthetic": candidate.synthetic}
    return judge_candidate(validation, candidate.recipe, own, other, **rules).to_json()


def _active(active: ModelVersion, progress: ProgressCallback) -> ComparedVersion | UnreadableTable:
    try:
        dataset = _dataset(active)
    except DatasetError as error:
        why = f"{active.data_name}: {error.faults[0].expected}."
        return UnreadableTable(_name(active), why, active.report["approved"] / active.report["rows"])
    return _version(active, dataset, progress)


def _version(version: ModelVersion, dataset: Dataset, progress: ProgressCallback) -> ComparedVersion:
    def score(columns: Any) -> list[float]:
        return active_model.open_version(version).predictor.score(columns).probability

    return ComparedVersion(_name(version), dataset, _out_of_fold(version, dataset, progress), score)


def _name(version: ModelVersion) -> str:
    return f"version {version.pk}"


def _dataset(version: ModelVersion) -> Dataset:
    """Read the kept file that a version was trained on; raises `DatasetError` when it is not as it was."""
    dataset = read_training_csv(training_files.training_file_path(version.data_digest), version.data_name)
    if dataset.digest != version.data_digest:
        changed = "the kept file was changed after the training"
        raise DatasetError(version.data_name, [DatasetFault(1, None, None, changed)])
    return dataset


def _out_of_fold(version: ModelVersion, dataset: Dataset, progress: ProgressCallback) -> Floats:
    """Return a version's out-of-fold probabilities; of a version of an earlier release they are made once."""
    kept = OutOfFold.objects.filter(version=version).first()
    if kept is None:
        kept = registry.keep_out_of_fold(version, _cross_validated(version, dataset, progress))
    return np.frombuffer(kept.probabilities, "<f8").reshape(kept.repeats, -1)


def _cross_validated(version: ModelVersion, dataset: Dataset, progress: ProgressCallback) -> Floats:
    """Repeat the cross-validation of a version's training, with the parameters that were chosen then."""
    estimator = get(version.recipe).estimator()
    estimator.set_params(**version.report["search"]["best_parameters"])
    validation = version.report["cross_validation"]
    settings = {key: validation[key] for key in ("repeats", "folds", "seed")}
    folds = repeated_folds(dataset.frame, dataset.y, **settings)
    phase = f"cross-validating {_name(version)}"
    with single_threaded_blas():
        return out_of_fold_probabilities(
            estimator, folds, lambda done, of: progress(phase, done, of)
        ).by_repeat()
