"""Create, cancel and end batches; `predictions.services.batches.work` scores them in the worker."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from predictions.errors import Conflict
from predictions.live import active_model, active_policy
from predictions.models import BUILT_IN, Batch
from predictions.models.querysets import AnyUser
from predictions.services.batches import files as batch_files
from predictions.services.batches.files import Upload
from predictions.services.writing import audit, worker_queue
from predictions.services.writing.locks import write_transaction

Status = Batch.Status


def end_batch(*, batch_id: int, status: str, error: str = "", now: datetime | None = None) -> bool:
    """End a batch unless it is finished, and delete its file; tell whether this call ended it."""
    unfinished = Batch.objects.unfinished().filter(pk=batch_id)
    ended = unfinished.update(status=status, error=error, finished_at=now or timezone.now())
    if ended:
        file = Batch.objects.values_list("file", flat=True).get(pk=batch_id)
        transaction.on_commit(lambda: batch_files.delete_upload(file))
    return bool(ended)


def create_batch(
    *,
    owner: AnyUser,
    upload: Upload,
    product_id: int = BUILT_IN,
    queue: bool = True,
    now: datetime | None = None,
) -> Batch:
    """Queue a received file for the worker, under a product's active model and policy in force.

    `queue` tells whether referred cases enter the queue of cases that wait for a person.

    Raises
    ------
    NoActiveModel, ModelUnreadable
    """
    now = now or timezone.now()
    model, policy = active_model.current(product_id), active_policy.current(product_id)
    facts = {"product_id": product_id, "model_version_id": model.version_id, "policy": policy}
    facts["queue"] = queue
    with write_transaction():
        batch = Batch.objects.create(
            **{"owner_id": owner.pk, **upload._asdict(), **facts}, created_at=now, heartbeat_at=now
        )
        worker_queue.enqueue("score_batch", batch.pk)
    return batch


def cancel_batch(*, batch: Batch, by: AnyUser, now: datetime | None = None) -> None:
    """Cancel a batch; its stored predictions stay. To cancel it again changes nothing.

    Raises `Conflict` if it finished otherwise.
    """
    now = now or timezone.now()
    with write_transaction():
        if not end_batch(batch_id=batch.pk, status=Status.CANCELLED, now=now):
            if Batch.objects.filter(pk=batch.pk, status=Status.CANCELLED).exists():
                return
            raise Conflict("This batch has already ended.")
        audit.record(by=by, action="batch cancelled", detail={"batch": batch.pk}, now=now)
