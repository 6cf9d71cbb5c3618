"""The work on a batch, a turn at a time, by any number of workers, each of which may die at any moment.

A chunk's predictions, its counts and its end are one transaction, and only whoever holds the chunk can commit
it: one who was given up for dead and wakes up late changes nothing.
"""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from ml.errors import DatasetError
from ml.tables.block_reader import BlockReader
from predictions.errors import ModelUnreadable
from predictions.live import active_model
from predictions.live.active_model import ActiveModel
from predictions.models import Batch, BatchChunk, Prediction
from predictions.services.batches import files as batch_files
from predictions.services.batches.requests import end_batch
from predictions.services.batches.rows import BatchFinished, CheckedChunk, checked_rows, cut_into_chunks
from predictions.services.scoring import scoring
from predictions.services.writing import worker_queue
from predictions.services.writing.locks import write_transaction


class ChunkWork(NamedTuple):
    """Who works on what, with which model."""

    batch: Batch
    model: ActiveModel
    token: str
    read: BlockReader


def score_chunk(*, work: ChunkWork, chunk: BatchChunk) -> None:
    """Store a claimed chunk's predictions, with its end. Raises `BatchFinished` when it is not ours any
    more."""
    checked = checked_rows(chunk=chunk, read=work.read)

    def commit(ids: Sequence[int], remarked: int) -> None:
        _commit(work, chunk, checked, ids, remarked)

    if not checked.records:
        with write_transaction():
            return commit([], 0)
    scoring.score_records(
        owner=work.batch.owner,
        records=checked.records,
        source=Prediction.Source.BATCH,
        request_id=chunk.request_id,
        policy=work.batch.policy,
        model=work.model,
        after_insert=commit,
    )


def _commit(
    work: ChunkWork, chunk: BatchChunk, checked: CheckedChunk, ids: Sequence[int], remarked: int
) -> None:
    """End a chunk within the transaction that stores its predictions, and the batch with its last one.

    The batch's row is locked first: of two last chunks at once, the second one sees the first.
    """
    now, batch = timezone.now(), work.batch
    if not Batch.objects.running().filter(pk=batch.pk).update(heartbeat_at=now):
        raise BatchFinished
    facts: dict[str, Any] = {"scored": len(ids), "refused": checked.refused, "refusals": checked.faults}
    facts["remarked"] = remarked
    if ids:
        facts |= {"first_id": ids[0], "last_id": ids[-1]}
    held = BatchChunk.objects.filter(pk=chunk.pk, worker=work.token, done_at=None)
    if not held.update(done_at=now, **facts):
        raise BatchFinished
    if not batch.chunks.filter(done_at=None).exists():
        end_batch(batch_id=batch.pk, status=Batch.Status.FINISHED, now=now)


TURN_SECONDS = 5.0  # seconds
LEASE = timedelta(seconds=30)
MAX_WORKERS = 4  # so many may work on one batch
Status = Batch.Status


def work_on_batch(*, batch_id: int) -> int:
    """Work for a turn; return how many further turns are to be queued. What ends the batch is in its row."""
    batch = _begun(batch_id)
    if batch is None:
        return 0
    try:
        return _turn(batch)
    except BatchFinished:
        return 0
    except (DatasetError, ModelUnreadable) as error:
        end_batch(batch_id=batch.pk, status=Status.FAILED, error=str(error))
        return 0
    except (OperationalError, InterfaceError):  # of the database: `batch_resume` puts the batch back
        raise
    except Exception as error:
        words = f"Something broke: {type(error).__name__}. The worker's own log has the details."
        end_batch(batch_id=batch.pk, status=Status.FAILED, error=words)
        raise


def _begun(batch_id: int) -> Batch | None:
    """Return the batch, running; none when it is over."""
    now = timezone.now()
    unfinished = Batch.objects.unfinished().filter(pk=batch_id)
    started = Coalesce(F("started_at"), Value(now))
    if not unfinished.update(status=Status.RUNNING, started_at=started, heartbeat_at=now):
        return None
    return Batch.objects.select_related("owner", "model_version", "policy").get(pk=batch_id)


def _turn(batch: Batch) -> int:
    model, more = active_model.open_cached_version(batch.model_version), 1
    until = time.monotonic() + TURN_SECONDS
    if batch.checked_at is None:
        cut_into_chunks(batch=batch)
        more = MAX_WORKERS
    shared = ChunkWork(batch, model, secrets.token_hex(16), BlockReader())
    while chunk := _claimed(shared):
        score_chunk(work=shared, chunk=chunk)
        if time.monotonic() >= until:
            return more
    return more - 1


def _claimed(work: ChunkWork) -> BatchChunk | None:
    """Return a chunk that nobody else works on as long as the lease runs; none when there is none."""
    while True:
        now = timezone.now()
        free = work.batch.chunks.claimable(now).order_by("number")
        with write_transaction():
            chunk = free.first()
            if chunk is None or free.filter(pk=chunk.pk).update(worker=work.token, leased_until=now + LEASE):
                return chunk


LOST_AFTER = LEASE + timedelta(seconds=5)


def requeue_abandoned(now: datetime | None = None) -> None:
    """Queue each unfinished batch that nobody has worked on for longer than a lease, and has not queued."""
    now = now or timezone.now()
    silent = Batch.objects.unfinished().filter(heartbeat_at__lt=now - LOST_AFTER)
    for batch in silent.only("heartbeat_at", "checked_at"):
        # Of two workers that see it at once, one puts it back.
        seen = silent.filter(pk=batch.pk, heartbeat_at=batch.heartbeat_at)
        if not _queued(batch) and seen.update(heartbeat_at=now):
            for _ in range(MAX_WORKERS if batch.checked_at else 1):
                worker_queue.enqueue("score_batch", batch.pk)
    batch_files.delete_abandoned_uploads(now)


def _queued(batch: Batch) -> bool:
    return worker_queue.results("score_batch", batch.pk).filter(status=worker_queue.WAITING).exists()
