"""A candidate beside the active version, on the candidate's own data and folds (needs scikit-learn)."""

from typing import Any

from django.utils import timezone

from ml.cross_validation import repeated_folds
from ml.datasets import Dataset, read_training_csv
from ml.errors import MLError
from ml.evaluation import Progress, cross_predict, fold_values, no_progress, one_thread
from ml.gate import judge
from ml.recipes import get
from predictions.models import Comparison, ModelVersion
from predictions.services import gate, training_files

Folds = dict[str, list[float]]


def compare(*, candidate: ModelVersion, progress: Progress = no_progress) -> Comparison:
    """Store what the gate says of a candidate beside the version that is active now."""
    active = ModelVersion.objects.active().first()
    incumbent = active if gate.blocks(active) else None
    found = Comparison(candidate=candidate, incumbent=incumbent, at=timezone.now())
    try:
        found.verdict = _verdict(candidate, incumbent, progress)
    except MLError as error:
        found.error = f"The comparison could not be made: {error}"
    found.save()
    return found


def compared(*, candidate: ModelVersion, progress: Progress = no_progress) -> Comparison:
    """Return the comparison with the version that is active now, made if there is none."""
    found = gate.comparison(candidate, ModelVersion.objects.active().first())
    return found if found and found.verdict else compare(candidate=candidate, progress=progress)


def _verdict(candidate: ModelVersion, incumbent: ModelVersion | None, progress: Progress) -> dict[str, Any]:
    validation = candidate.report["cross_validation"]
    if "folds" not in _figures(candidate):
        raise MLError("it was trained before figures were kept fold by fold. Train it again.")
    folds = _folds(candidate, incumbent, progress) if incumbent else None
    return judge(validation, candidate.recipe, folds, synthetic=candidate.synthetic).to_json()


def _folds(candidate: ModelVersion, incumbent: ModelVersion, progress: Progress) -> Folds:
    """Cross-validate the incumbent's recipe and parameters on the candidate's folds; equal data gave them."""
    kept = _figures(incumbent).get("folds")
    if kept and incumbent.data_digest == candidate.data_digest:
        return dict(kept)
    dataset = _dataset(candidate)
    estimator = get(incumbent.recipe).estimator()
    estimator.set_params(**incumbent.report["search"]["best_parameters"])
    name = f"version {incumbent.pk}"
    validation = candidate.report["cross_validation"]
    settings = {key: validation[key] for key in ("repeats", "folds", "seed")}
    same_folds = repeated_folds(dataset.frame, dataset.y, **settings)
    with one_thread():
        return fold_values(cross_predict({name: estimator}, same_folds, progress)[name])


def _figures(version: ModelVersion) -> dict[str, Any]:
    return dict(version.report["cross_validation"]["models"][version.recipe])


def _dataset(candidate: ModelVersion) -> Dataset:
    return read_training_csv(training_files.path_of(candidate.data_digest), candidate.data_name)
