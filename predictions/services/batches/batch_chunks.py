"""One chunk of a batch: read, checked, scored and stored."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from ml.tables.block_reader import BlockReader
from predictions.live.active_model import ActiveModel
from predictions.models import Batch, BatchChunk, Prediction
from predictions.services.batches.batch_checking import BatchOver
from predictions.services.batches.batch_ends import end
from predictions.services.batches.rows import CheckedChunk, checked_rows
from predictions.services.scoring import scoring
from predictions.services.writing.locks import write_turn


class Work(NamedTuple):
    """Who works on what, with which model."""

    batch: Batch
    model: ActiveModel
    token: str
    read: BlockReader


def score_chunk(*, work: Work, chunk: BatchChunk) -> None:
    """Store a claimed chunk's predictions, with its end. Raises `BatchOver` when it is not ours any more."""
    checked = checked_rows(chunk=chunk, read=work.read)

    def commit(ids: Sequence[int], remarked: int) -> None:
        _commit(work, chunk, checked, ids, remarked)

    if not checked.records:
        with write_turn():
            return commit([], 0)
    scoring.score(
        owner=work.batch.owner,
        records=checked.records,
        source=Prediction.Source.BATCH,
        request_id=chunk.request_id,
        policy=work.batch.policy,
        model=work.model,
        also=commit,
    )


def _commit(work: Work, chunk: BatchChunk, checked: CheckedChunk, ids: Sequence[int], remarked: int) -> None:
    """End a chunk within the transaction that stores its predictions, and the batch with its last one.

    The batch's row is locked first: of two last chunks at once, the second one sees the first.
    """
    now, batch = timezone.now(), work.batch
    if not Batch.objects.running().filter(pk=batch.pk).update(heartbeat_at=now):
        raise BatchOver
    facts: dict[str, Any] = {"scored": len(ids), "refused": checked.refused, "refusals": checked.faults}
    facts["remarked"] = remarked
    if ids:
        facts |= {"first_id": ids[0], "last_id": ids[-1]}
    held = BatchChunk.objects.filter(pk=chunk.pk, worker=work.token, done_at=None)
    if not held.update(done_at=now, **facts):
        raise BatchOver
    if not batch.chunks.filter(done_at=None).exists():
        end(batch_id=batch.pk, status=Batch.Status.FINISHED, now=now)
