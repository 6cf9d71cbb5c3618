"""The work on a batch, a turn at a time, by any number of workers, each of which may die at any moment.

A chunk's predictions, its counts and its end are one transaction, and only whoever holds the chunk can commit
it: one who was given up for dead and wakes up late changes nothing.
"""

import secrets
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from ml.errors import DatasetError
from ml.tables.block_reader import BlockReader
from predictions.errors import ModelUnreadable
from predictions.live import version_models
from predictions.models import Batch, BatchChunk
from predictions.services.batches.batch_checking import BatchOver, check
from predictions.services.batches.batch_chunks import Work, score_chunk
from predictions.services.batches.batch_ends import end
from predictions.services.writing.locks import write_turn

TURN = 5.0  # seconds
LEASE = timedelta(seconds=30)
WORKERS = 4  # so many may work on one batch
Status = Batch.Status


def work(*, batch_id: int) -> int:
    """Work for a turn; return how many further turns are to be queued. What ends the batch is in its row."""
    batch = _begun(batch_id)
    if batch is None:
        return 0
    try:
        return _turn(batch)
    except BatchOver:
        return 0
    except (DatasetError, ModelUnreadable) as error:
        end(batch_id=batch.pk, status=Status.FAILED, error=str(error))
        return 0
    except (OperationalError, InterfaceError):  # of the database: `batch_resume` puts the batch back
        raise
    except Exception as error:
        words = f"Something broke: {type(error).__name__}. The worker's own log has the details."
        end(batch_id=batch.pk, status=Status.FAILED, error=words)
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
    model, more = version_models.model_of(batch.model_version), 1
    until = time.monotonic() + TURN
    if batch.checked_at is None:
        check(batch=batch)
        more = WORKERS
    shared = Work(batch, model, secrets.token_hex(16), BlockReader())
    while chunk := _claimed(shared):
        score_chunk(work=shared, chunk=chunk)
        if time.monotonic() >= until:
            return more
    return more - 1


def _claimed(work: Work) -> BatchChunk | None:
    """Return a chunk that nobody else works on as long as the lease runs; none when there is none."""
    while True:
        now = timezone.now()
        free = work.batch.chunks.claimable(now).order_by("number")
        with write_turn():
            chunk = free.first()
            if chunk is None or free.filter(pk=chunk.pk).update(worker=work.token, leased_until=now + LEASE):
                return chunk
