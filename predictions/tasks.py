"""What the worker does (``manage.py worker``); scikit-learn is imported there, when it is needed."""

import contextlib
from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from ml.errors import MLError
from predictions.errors import Conflict
from predictions.models import ModelVersion, TrainingRun

_AGAIN_IN = timedelta(seconds=5)


@task
def train(run_id: int) -> None:
    """Carry a queued training out; while another one runs, try again later."""
    from predictions.services.versions.training import Cancelled, carry_out_run

    run = TrainingRun.objects.get(pk=run_id)
    if run.status != TrainingRun.Status.QUEUED:
        return
    try:
        with contextlib.suppress(MLError, Cancelled):  # the run's row says so
            carry_out_run(run=run)
    except Conflict:
        train.using(run_after=timezone.now() + _AGAIN_IN).enqueue(run_id)


@task
def compare(candidate_id: int) -> None:
    from predictions.services.versions.comparisons import get_or_make_comparison

    get_or_make_comparison(candidate=ModelVersion.objects.get(pk=candidate_id))


@task
def score_batch(batch_id: int) -> None:
    """Work on a batch for a turn, and queue for the next ones: other batches and trainings get theirs."""
    from predictions.services.batches.work import work_on_batch

    for _ in range(work_on_batch(batch_id=batch_id)):
        score_batch.enqueue(batch_id)
