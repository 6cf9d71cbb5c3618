"""Request, start, cancel and finish trainings. The worker carries them out (`training`)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from predictions.errors import Conflict
from predictions.models import TrainingFile, TrainingRun
from predictions.models.querysets import AnyUser
from predictions.services.writing import audit, worker_queue

LOST_AFTER = timedelta(minutes=2)
LOST = "The worker stopped unexpectedly. Start the training again."
Status = TrainingRun.Status


def create_run(
    *, file: TrainingFile, recipe: str, by: AnyUser | None, confirmed: Collection[str] = ()
) -> TrainingRun:
    """Create a queued run of the file's product.

    The audit log records who confirmed columns whose unit looks wrong.
    """
    run = TrainingRun(
        product_id=file.product_id,
        file=file,
        recipe=recipe,
        created_at=timezone.now(),
        confirmed=sorted(set(confirmed)),
    )
    run.created_by_id = by.pk if by else None
    with transaction.atomic():
        run.save()
        if run.confirmed:
            detail = {"training": run.pk, "file": file.name, "digest": file.digest, "columns": run.confirmed}
            audit.record(by=by, action="training data confirmed", detail=detail)
    return run


def start_run(*, run: TrainingRun) -> None:
    """Start a queued run. Raises `Conflict` if another one is running."""
    fail_lost_runs()
    now = timezone.now()
    queued = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    try:
        with transaction.atomic():
            started = queued.update(status=Status.RUNNING, started_at=now, heartbeat_at=now)
    except IntegrityError:
        raise Conflict("Another training is running. Only one runs at a time.") from None
    run.refresh_from_db()
    if not started:
        raise Conflict(f"{run} is {run.status}.")


def cancel_run(*, run: TrainingRun) -> None:
    """Cancel a queued run at once, and a running one at its next step. Cancelling again changes nothing.

    Raises `Conflict` if the run has ended otherwise.
    """
    queued = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    if queued.update(status=Status.CANCELLED, finished_at=timezone.now()):
        return
    if TrainingRun.objects.running().filter(pk=run.pk).update(cancel_requested=True):
        return
    if not TrainingRun.objects.filter(pk=run.pk, status=Status.CANCELLED).exists():
        raise Conflict("This training has already finished.")


def finish_run(*, run: TrainingRun, status: Status, error: str = "") -> None:
    run.status, run.error, run.finished_at = status, error, timezone.now()
    run.save(update_fields=["status", "error", "finished_at", "version", "log"])


def fail_lost_runs(now: datetime | None = None) -> None:
    """Mark each run as failed if its worker has not written for `LOST_AFTER`: the worker was killed."""
    now = now or timezone.now()
    lost = TrainingRun.objects.running().filter(heartbeat_at__lt=now - LOST_AFTER)
    lost.update(status=Status.FAILED, error=LOST, finished_at=now)


def request_training(
    *, file: TrainingFile, recipe: str, by: AnyUser | None, confirmed: Collection[str] = ()
) -> TrainingRun:
    """Create a queued run, and queue it for the worker."""
    run = create_run(file=file, recipe=recipe, by=by, confirmed=confirmed)
    transaction.on_commit(lambda: worker_queue.enqueue("train", run.pk))
    return run
