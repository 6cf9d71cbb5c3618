"""Compare a candidate with the active version, on both training tables (needs scikit-learn)."""

from dataclasses import replace

import numpy as np
from django.utils import timezone

from ml.applications.types import Columns, Floats
from ml.errors import DatasetError, DatasetFault, MLError
from ml.evaluation.cross_validation import out_of_fold_probabilities, repeated_folds
from ml.evaluation.gate import UnreadableTable, judge_candidate
from ml.evaluation.gate_checks import GateVerdict
from ml.evaluation.metrics import ProgressCallback, no_progress, single_threaded_blas
from ml.evaluation.side_by_side import ComparedVersion
from ml.reports.report import one_rule_of
from ml.schemas.schema import with_outcomes_of
from ml.tables.frames import Dataset, read_training_csv
from ml.training.recipes import get
from predictions.live import active_model
from predictions.live.schemas import schema_of_version
from predictions.models import Comparison, ModelVersion, OutOfFold
from predictions.services.versions import gate, registry, training_files


def compare_with_active(*, candidate: ModelVersion, progress: ProgressCallback = no_progress) -> Comparison:
    """Store the gate's verdict on a candidate compared with the version that is active now."""
    active = active_beside(candidate)
    comparison = Comparison(candidate=candidate, incumbent=active, at=timezone.now())
    try:
        comparison.verdict = _judge(candidate, active, progress).to_json()
    except MLError as error:
        comparison.error = f"The comparison could not be made: {error}"
    comparison.save()
    return comparison


def active_beside(candidate: ModelVersion) -> ModelVersion | None:
    """Return the active version of a candidate's product."""
    return ModelVersion.objects.of_product(candidate.product_key).active().first()


def get_or_make_comparison(
    *, candidate: ModelVersion, progress: ProgressCallback = no_progress
) -> Comparison:
    """Return the comparison with the version that is active now. Make it if there is none."""
    comparison = gate.newest_comparison(candidate, active_beside(candidate))
    if comparison and comparison.verdict:
        return comparison
    return compare_with_active(candidate=candidate, progress=progress)


def _judge(candidate: ModelVersion, active: ModelVersion | None, progress: ProgressCallback) -> GateVerdict:
    validation = candidate.report["cross_validation"]
    if "folds" not in validation["models"][candidate.recipe]:
        raise MLError("the candidate's report has no metrics of single folds. Train it again.")
    compared_candidate = _compared_version(candidate, _read_dataset(candidate), progress)
    compared_active = _compared_active(active, progress) if active else None
    if active is not None and isinstance(compared_active, ComparedVersion):
        compared_candidate = replace(compared_candidate, other_table=table_as_read(active, candidate))
        compared_active = replace(compared_active, other_table=table_as_read(candidate, active))
    return judge_candidate(
        validation,
        candidate.recipe,
        compared_candidate,
        compared_active,
        blocks=gate.can_block(active),
        one_rule=one_rule_of(candidate.report),
        synthetic=candidate.synthetic,
    )


def _compared_active(active: ModelVersion, progress: ProgressCallback) -> ComparedVersion | UnreadableTable:
    try:
        dataset = _read_dataset(active)
    except DatasetError as error:
        why = f"{active.data_name}: {error.faults[0].expected}."
        approval_rate = active.report["approved"] / active.report["rows"]
        return UnreadableTable(_name(active), why, approval_rate, schema_of_version(active.pk).target)
    return _compared_version(active, dataset, progress)


def _compared_version(version: ModelVersion, dataset: Dataset, progress: ProgressCallback) -> ComparedVersion:
    def score(columns: Columns) -> list[float]:
        return active_model.open_version(version).predictor.score(columns).probability

    return ComparedVersion(_name(version), dataset, _out_of_fold(version, dataset, progress), score)


def _name(version: ModelVersion) -> str:
    return f"version {version.pk}"


def _read_dataset(version: ModelVersion) -> Dataset:
    """Read the stored file that a version was trained on. Raises `DatasetError` if it was changed."""
    path = training_files.training_file_path(version.data_digest)
    dataset = read_training_csv(schema_of_version(version.pk), path, version.data_name)
    if dataset.digest != version.data_digest:
        changed = "the stored file was changed after the training"
        raise DatasetError(version.data_name, [DatasetFault(1, None, None, changed)])
    return dataset


def table_as_read(version: ModelVersion, reader: ModelVersion) -> Dataset | str | None:
    """Return a version's table, with its outcomes, as the schema of another version reads it.

    A text says why the other version cannot be asked about this table. ``None``: both have one schema.
    """
    schema, own = schema_of_version(reader.pk), schema_of_version(version.pk)
    if schema is own:
        return None
    path = training_files.training_file_path(version.data_digest)
    try:
        dataset = read_training_csv(with_outcomes_of(schema, own), path, version.data_name)
    except DatasetError as error:
        return f"{_name(reader)} cannot read {version.data_name}: {error.faults[0]}."
    absent = [column for column in reader.columns if column in dataset.absent]
    if absent:
        return f"{version.data_name} lacks {', '.join(absent)}, which {_name(reader)} reads."
    return dataset


def _out_of_fold(version: ModelVersion, dataset: Dataset, progress: ProgressCallback) -> Floats:
    """Return a version's out-of-fold probabilities. Versions of an earlier release get them once, here."""
    stored = OutOfFold.objects.filter(version=version).first()
    if stored is None:
        stored = registry.keep_out_of_fold(version, _cross_validate(version, dataset, progress))
    return np.frombuffer(stored.probabilities, "<f8").reshape(stored.repeats, -1)


def _cross_validate(version: ModelVersion, dataset: Dataset, progress: ProgressCallback) -> Floats:
    """Repeat the cross-validation of a version's training, with the parameters chosen by its search."""
    estimator = get(version.recipe, dataset.schema).estimator()
    estimator.set_params(**version.report["search"]["best_parameters"])
    validation = version.report["cross_validation"]
    settings = {key: validation[key] for key in ("repeats", "folds", "seed")}
    folds = repeated_folds(dataset.frame, dataset.y, **settings)
    phase = f"cross-validating {_name(version)}"
    with single_threaded_blas():
        return out_of_fold_probabilities(
            estimator, folds, lambda done, of: progress(phase, done, of)
        ).by_repeat()
