"""Wishes to train, and what becomes of them; the work is done by `training`, outside the web process."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from predictions.errors import Conflict
from predictions.models import TrainingFile, TrainingRun
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit, worker_queue

LOST_AFTER = timedelta(minutes=2)
LOST = "The worker stopped without a word. Please start the training again."
Status = TrainingRun.Status


def create_run(
    *, file: TrainingFile, recipe: str, by: AnyUser | None, confirmed: Collection[str] = ()
) -> TrainingRun:
    """Make a queued run; who vouches for columns whose unit looks wrong is put on record."""
    run = TrainingRun(file=file, recipe=recipe, created_at=timezone.now(), confirmed=sorted(set(confirmed)))
    run.created_by_id = by.pk if by else None
    with transaction.atomic():
        run.save()
        if run.confirmed:
            detail = {"training": run.pk, "file": file.name, "digest": file.digest, "columns": run.confirmed}
            audit.record(by=by, action="training data confirmed", detail=detail)
    return run


def start_run(*, run: TrainingRun) -> None:
    """Make a queued run the running one; raises `Conflict` while another runs."""
    fail_lost_runs()
    now = timezone.now()
    queued = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    try:
        with transaction.atomic():
            started = queued.update(status=Status.RUNNING, started_at=now, heartbeat_at=now)
    except IntegrityError:
        raise Conflict("Another training is running; only one runs at a time.") from None
    run.refresh_from_db()
    if not started:
        raise Conflict(f"{run} is {run.status}.")


def cancel_run(*, run: TrainingRun) -> None:
    """End a queued run at once, a running one at its next step; to cancel it again changes nothing.

    Raises `Conflict` when it is over for another reason.
    """
    queued = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    if queued.update(status=Status.CANCELLED, finished_at=timezone.now()):
        return
    if TrainingRun.objects.running().filter(pk=run.pk).update(cancel_requested=True):
        return
    if not TrainingRun.objects.filter(pk=run.pk, status=Status.CANCELLED).exists():
        raise Conflict("This training is over already.")


def finish_run(*, run: TrainingRun, status: Status, error: str = "") -> None:
    run.status, run.error, run.finished_at = status, error, timezone.now()
    run.save(update_fields=["status", "error", "finished_at", "version", "log"])


def fail_lost_runs(now: datetime | None = None) -> None:
    """Call a run failed whose worker has not written for long: it was killed."""
    now = now or timezone.now()
    lost = TrainingRun.objects.running().filter(heartbeat_at__lt=now - LOST_AFTER)
    lost.update(status=Status.FAILED, error=LOST, finished_at=now)


def request_training(
    *, file: TrainingFile, recipe: str, by: AnyUser | None, confirmed: Collection[str] = ()
) -> TrainingRun:
    run = create_run(file=file, recipe=recipe, by=by, confirmed=confirmed)
    transaction.on_commit(lambda: worker_queue.enqueue("train", run.pk))
    return run
