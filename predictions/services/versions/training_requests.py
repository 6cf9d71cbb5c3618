"""Asking the worker for a training."""

from collections.abc import Collection

from django.db import transaction

from predictions import tasks
from predictions.models import TrainingFile, TrainingRun
from predictions.models.querysets import Caller
from predictions.services.versions import training_runs


def request(
    *, file: TrainingFile, recipe: str, by: Caller | None, confirmed: Collection[str] = ()
) -> TrainingRun:
    run = training_runs.create(file=file, recipe=recipe, by=by, confirmed=confirmed)
    transaction.on_commit(lambda: tasks.train.enqueue(run.pk))
    return run
