"""Asking the worker for a training."""

from collections.abc import Collection

from django.db import transaction

from predictions.models import TrainingFile, TrainingRun
from predictions.models.querysets import Caller
from predictions.services.versions import training_runs
from predictions.services.writing import worker_queue


def request(
    *, file: TrainingFile, recipe: str, by: Caller | None, confirmed: Collection[str] = ()
) -> TrainingRun:
    run = training_runs.create(file=file, recipe=recipe, by=by, confirmed=confirmed)
    transaction.on_commit(lambda: worker_queue.enqueue("train", run.pk))
    return run
