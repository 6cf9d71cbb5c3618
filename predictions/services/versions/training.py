"""Carry out trainings: for the worker and commands, not for web processes (needs scikit-learn)."""

import tempfile
import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ml.errors import MLError
from ml.evaluation.metrics import ProgressCallback, no_progress
from ml.intake.alone import NO_WISHES
from ml.intake.understanding import Wishes
from ml.products.loan_prediction.sample import write_sample
from ml.tables.frames import read_training_csv
from ml.tables.plausibility import check_confirmable
from ml.tables.training_csv import read_file_bytes
from ml.training.recipes import get
from ml.training.training import train
from predictions.errors import Conflict
from predictions.live.schemas import newest_schema_of, schema_of_row
from predictions.models import BUILT_IN, ModelVersion, TrainingFile, TrainingRun
from predictions.models.querysets import AnyUser
from predictions.services.products.schemas import newest_schema
from predictions.services.versions import comparisons, registry, training_files, training_runs

SAMPLE_NAME = "synthetic-sample.csv"
WRITE_INTERVAL = 0.5  # seconds


class Cancelled(Exception):
    """The training was cancelled."""


def train_version(
    *,
    data: Path | None,
    recipe: str,
    wishes: Wishes = NO_WISHES,
    product_id: int = BUILT_IN,
    confirmed: Collection[str] = (),
    leave_refused_out: bool = False,
    progress: ProgressCallback = no_progress,
    search_on: AbstractContextManager[None] | None = None,
    by: AnyUser | None = None,
) -> ModelVersion:
    """Train a candidate now, in this process. Without `data`, train on the synthetic sample.

    Parameters
    ----------
    wishes : Wishes
        What the caller says about the file `data` (see `ml.intake.alone.read_alone`).
    leave_refused_out : bool
        Whether refused rows of `data` are left out (see `ml.tables.refused_rows`).

    Raises
    ------
    MLError
        If the data cannot be used, such as for a wrong unit in a column that is not `confirmed`; if the
        product's schema has no such recipe, or no such column to confirm.
    Conflict
        If another training is running, or if there is no `data` in production.
    Cancelled
        If the training was cancelled on the site.
    """
    schema = newest_schema_of(product_id)
    get(recipe, schema)
    check_confirmable(schema, confirmed)
    store = partial(
        training_files.store_training_file,
        by=by,
        product_id=product_id,
        confirmed=confirmed,
        wishes=wishes,
        leave_refused_out=leave_refused_out,
    )
    file = store(name=data.name, content=read_file_bytes(data)) if data else _store_sample(product_id, by)
    run = training_runs.create_run(file=file, recipe=recipe, by=by, confirmed=confirmed)
    return carry_out_run(run=run, progress=progress, search_on=search_on)


def carry_out_run(
    *,
    run: TrainingRun,
    progress: ProgressCallback = no_progress,
    search_on: AbstractContextManager[None] | None = None,
) -> ModelVersion:
    """Carry out a queued run. Its row records how it ends; errors are raised as well."""
    training_runs.start_run(run=run)
    try:
        run.version = _train(run, progress, search_on)
    except Cancelled:
        training_runs.finish_run(run=run, status=TrainingRun.Status.CANCELLED)
        raise
    except MLError as error:
        training_runs.finish_run(run=run, status=TrainingRun.Status.FAILED, error=str(error))
        raise
    except BaseException as error:
        message = f"Unexpected error {type(error).__name__}. See the worker's log."
        training_runs.finish_run(run=run, status=TrainingRun.Status.FAILED, error=message)
        raise
    training_runs.finish_run(run=run, status=TrainingRun.Status.SUCCEEDED)
    return run.version


def _train(
    run: TrainingRun, progress: ProgressCallback, search_on: AbstractContextManager[None] | None
) -> ModelVersion:
    run_progress = _RunProgress(run, progress)
    schema_version = newest_schema(run.product_key)
    schema = schema_of_row(schema_version)
    recipe, confirmed = get(run.recipe, schema), run.confirmed or ()
    dataset = read_training_csv(schema, training_files.training_file_path(run.file.digest), run.file.name)
    trained = train(dataset, recipe, confirmed=confirmed, progress=run_progress, search_on=search_on)
    version = registry.register(
        trained=trained,
        by=run.created_by,
        product_id=run.product_key,
        schema=schema_version,
    )
    run_progress.log(f"{version} is a candidate.")
    comparisons.compare_with_active(candidate=version, progress=run_progress)
    return version


class _RunProgress:
    """Writes progress to the row of a run as well, and raises `Cancelled` if the row says so."""

    def __init__(self, run: TrainingRun, progress: ProgressCallback) -> None:
        self._run, self._progress = run, progress
        self._written_at = float("-inf")

    def __call__(self, phase: str, done: int, total: int) -> None:
        self._progress(phase, done, total)
        run, now = self._run, timezone.now()
        is_new_phase = phase != run.phase
        if is_new_phase:
            run.phase, run.phase_started_at = phase, now
            self.log(f"{phase} ({total} steps)")
        if is_new_phase or done == total or time.monotonic() - self._written_at >= WRITE_INTERVAL:
            self._write(done, total)

    def log(self, line: str) -> None:
        self._run.log += f"{timezone.now():%H:%M:%S} {line}\n"

    def _write(self, done: int, total: int) -> None:
        run = self._run
        run.done, run.total, run.heartbeat_at = done, total, timezone.now()
        run.save(update_fields=["phase", "phase_started_at", "done", "total", "heartbeat_at", "log"])
        self._written_at = time.monotonic()
        run.refresh_from_db(fields=["cancel_requested", "status"])
        if run.cancel_requested or run.status != TrainingRun.Status.RUNNING:
            raise Cancelled


def _store_sample(product_id: int, by: AnyUser | None) -> TrainingFile:
    """Store the synthetic sample as a training table."""
    if product_id != BUILT_IN:
        raise Conflict(
            "The synthetic sample is of the built-in product alone. Name a table with --data FILE."
        )
    if settings.PRODUCTION:
        raise Conflict("Synthetic sample data is not used in production. Name a table with --data FILE.")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / SAMPLE_NAME
        write_sample(path)
        return training_files.store_training_file(name=SAMPLE_NAME, content=path.read_bytes(), by=by)
