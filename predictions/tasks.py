"""The tasks of the worker (``manage.py worker``). Each imports its service when it runs: web processes
enqueue tasks, and do without scikit-learn."""

import contextlib
from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from ml.errors import MLError
from predictions.errors import Conflict
from predictions.models import ModelVersion, TrainingRun

_RETRY_AFTER = timedelta(seconds=5)


@task
def train(run_id: int) -> None:
    """Carry out a queued training. If another one is running, try again later."""
    from predictions.services.versions.training import Cancelled, carry_out_run

    run = TrainingRun.objects.get(pk=run_id)
    if run.status != TrainingRun.Status.QUEUED:
        return
    try:
        with contextlib.suppress(MLError, Cancelled):  # the row of the run already says so
            carry_out_run(run=run)
    except Conflict:
        train.using(run_after=timezone.now() + _RETRY_AFTER).enqueue(run_id)


@task
def compare(candidate_id: int) -> None:
    """Compare a candidate with the active version, unless that comparison exists."""
    from predictions.services.versions.comparisons import get_or_make_comparison

    get_or_make_comparison(candidate=ModelVersion.objects.get(pk=candidate_id))


@task
def score_batch(batch_id: int) -> None:
    """Score some chunks of a batch, and queue the rest: other batches and trainings get a turn first."""
    from predictions.services.batches.work import work_on_batch

    for _ in range(work_on_batch(batch_id=batch_id)):
        score_batch.enqueue(batch_id)
