"""Score a batch, a turn at a time, by any number of workers, each of which may die at any moment.

A chunk's predictions, its counts and its end are one transaction. Only the worker that leases the chunk can
commit it: a worker that was given up for dead and wakes up late changes nothing.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from ml.errors import DatasetError
from ml.tables.block_reader import BlockReader
from predictions.errors import LoanIdTaken, ModelUnreadable
from predictions.live import active_model
from predictions.live.active_model import ActiveModel
from predictions.models import Batch, BatchChunk
from predictions.services.batches import files as batch_files
from predictions.services.batches.outcomes import count_outcomes
from predictions.services.batches.requests import end_batch
from predictions.services.batches.rows import (
    BatchFinished,
    CheckedChunk,
    checked_rows,
    cut_into_chunks,
    reader_of,
    refused_rows,
    without_taken,
)
from predictions.services.scoring.applications import ColumnApplications
from predictions.services.scoring.scoring import PreparedCall, prepare_batch, store_prepared
from predictions.services.writing import worker_queue
from predictions.services.writing.locks import write_transaction
from predictions.services.writing.replies import ScoredRows


class ChunkWork(NamedTuple):
    """The batch of a worker's turn, its model, the worker's token and its reader."""

    batch: Batch
    model: ActiveModel
    token: str
    read: BlockReader


class PreparedChunk(NamedTuple):
    """A chunk's rows, checked and scored, ready to be stored; without a call if no row is good."""

    checked: CheckedChunk
    call: PreparedCall | None


def prepare_chunk(work: ChunkWork, chunk: BatchChunk) -> PreparedChunk:
    """Read, check and score the rows of a claimed chunk."""
    return _scored(work, chunk, checked_rows(chunk=chunk, read=work.read))


def _scored(work: ChunkWork, chunk: BatchChunk, checked: CheckedChunk) -> PreparedChunk:
    if not checked.loan_ids:
        return PreparedChunk(checked, None)
    call = prepare_batch(
        owner=work.batch.owner,
        records=ColumnApplications(work.model.schema, checked.loan_ids, checked.columns),
        request_id=chunk.request_id,
        policy=work.batch.policy,
        model=work.model,
        batch_id=work.batch.pk,
        queue=work.batch.queue,
    )
    return PreparedChunk(checked, call)


def score_chunk(*, work: ChunkWork, chunk: BatchChunk, prepared: PreparedChunk | None = None) -> None:
    """Store a claimed chunk, all good rows or none. Raises `BatchFinished` if another worker holds it."""
    prepared = prepared or prepare_chunk(work, chunk)
    while True:
        try:
            return _store(work, chunk, *prepared)
        except LoanIdTaken as error:
            prepared = _scored(work, chunk, without_taken(chunk, prepared.checked, error.taken))


def _store(work: ChunkWork, chunk: BatchChunk, checked: CheckedChunk, call: PreparedCall | None) -> None:
    def commit(scored: ScoredRows | None) -> None:
        _commit(work, chunk, checked, scored)

    if call is None:
        with write_transaction():
            return commit(None)
    store_prepared(call, after_insert=commit)


def _commit(work: ChunkWork, chunk: BatchChunk, checked: CheckedChunk, scored: ScoredRows | None) -> None:
    """End a chunk in the transaction that stores its predictions; the last chunk ends the batch.

    The batch's row is locked first: of two last chunks at once, the second one sees the first.
    """
    now, batch = timezone.now(), work.batch
    if not Batch.objects.running().filter(pk=batch.pk).update(heartbeat_at=now):
        raise BatchFinished
    facts = {"refused": checked.refused, "refusals": checked.faults, "further": checked.further}
    facts["refused_rows"] = refused_rows(chunk, checked)
    if scored:
        facts |= _scored_facts(scored)
    leased = BatchChunk.objects.filter(pk=chunk.pk, worker=work.token, done_at=None)
    if not leased.update(done_at=now, **facts):
        raise BatchFinished
    if not batch.chunks.filter(done_at=None).exists():
        end_batch(batch_id=batch.pk, status=Batch.Status.FINISHED, now=now)


def _scored_facts(scored: ScoredRows) -> dict[str, object]:
    return {
        "scored": len(scored),
        "remarked": len(scored.remarks),
        "outcomes": count_outcomes(scored),
        "first_id": scored.ids[0],
        "last_id": scored.ids[-1],
    }


TURN_SECONDS = 5.0
LEASE = timedelta(seconds=30)
MAX_WORKERS = 4  # on one batch
Status = Batch.Status


def work_on_batch(*, batch_id: int) -> int:
    """Work for a turn and return the number of turns to queue. A failure is stored in the batch's row."""
    batch = _start(batch_id)
    if batch is None:
        return 0
    try:
        return _turn(batch)
    except BatchFinished:
        return 0
    except (DatasetError, ModelUnreadable) as error:
        end_batch(batch_id=batch.pk, status=Status.FAILED, error=str(error))
        return 0
    except (OperationalError, InterfaceError):  # of the database: `requeue_abandoned` queues the batch again
        raise
    except Exception as error:
        words = f"Internal error: {type(error).__name__}. The worker's log has the details."
        end_batch(batch_id=batch.pk, status=Status.FAILED, error=words)
        raise


def _start(batch_id: int) -> Batch | None:
    """Mark the batch as running and return it; None if it is finished."""
    now = timezone.now()
    unfinished = Batch.objects.unfinished().filter(pk=batch_id)
    started = Coalesce(F("started_at"), Value(now))
    if not unfinished.update(status=Status.RUNNING, started_at=started, heartbeat_at=now):
        return None
    return Batch.objects.select_related("owner", "model_version", "policy").get(pk=batch_id)


def _turn(batch: Batch) -> int:
    model, turns = active_model.open_cached_version(batch.model_version), 1
    if batch.checked_at is None:
        cut_into_chunks(batch=batch)
        turns = MAX_WORKERS
    work = ChunkWork(batch, model, secrets.token_hex(16), reader_of(batch))
    with _preparing() as prepare:
        return turns - (not _score_until(time.monotonic() + TURN_SECONDS, work, prepare))


Prepared = Callable[[], PreparedChunk]


def _score_until(end: float, work: ChunkWork, prepare: Callable[[ChunkWork, BatchChunk], Prepared]) -> bool:
    """Score chunks; return whether the time was over before they were."""
    chunk = _claim(work)
    prepared = prepare(work, chunk) if chunk else None
    while chunk and prepared:
        ready, is_over = prepared(), time.monotonic() >= end
        following = None if is_over else _claim(work)
        prepared = prepare(work, following) if following else None
        score_chunk(work=work, chunk=chunk, prepared=ready)
        if is_over:
            return True
        chunk = following
    return False


@contextlib.contextmanager
def _preparing() -> Iterator[Callable[[ChunkWork, BatchChunk], Prepared]]:
    """Yield a function that prepares a chunk, on PostgreSQL while this thread waits for its server.

    SQLite's statements run in this process and would wait for the other thread. A thread has a connection of
    its own, which sees nothing of a transaction that is open here.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield lambda work, chunk: partial(prepare_chunk, work, chunk)
        return
    with ThreadPoolExecutor(1) as thread:
        try:
            yield lambda work, chunk: thread.submit(prepare_chunk, work, chunk).result
        finally:
            thread.submit(_close_own_connection)


def _close_own_connection() -> None:
    connection.close()


def _claim(work: ChunkWork) -> BatchChunk | None:
    """Lease a chunk and return it: no other worker takes it while the lease runs. None if all are taken."""
    while True:
        now = timezone.now()
        free = work.batch.chunks.claimable(now).order_by("number")
        with write_transaction():
            chunk = free.first()
            if chunk is None or free.filter(pk=chunk.pk).update(worker=work.token, leased_until=now + LEASE):
                return chunk


LOST_AFTER = LEASE + timedelta(seconds=5)


def requeue_abandoned(now: datetime | None = None) -> None:
    """Queue each unfinished batch without a heartbeat for longer than a lease, unless it is queued."""
    now = now or timezone.now()
    silent = Batch.objects.unfinished().filter(heartbeat_at__lt=now - LOST_AFTER)
    for batch in silent.only("heartbeat_at", "checked_at"):
        # Of two workers that see it at once, one queues it.
        unchanged = silent.filter(pk=batch.pk, heartbeat_at=batch.heartbeat_at)
        if not _is_queued(batch) and unchanged.update(heartbeat_at=now):
            for _ in range(MAX_WORKERS if batch.checked_at else 1):
                worker_queue.enqueue("score_batch", batch.pk)
    batch_files.delete_abandoned_uploads(now)


def _is_queued(batch: Batch) -> bool:
    return worker_queue.results("score_batch", batch.pk).filter(status=worker_queue.WAITING).exists()
