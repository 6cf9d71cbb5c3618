"""Putting back what dead workers left."""

from datetime import datetime, timedelta

from django.utils import timezone

from predictions.models import Batch
from predictions.services.batches import files as batch_files
from predictions.services.batches.work import LEASE, WORKERS
from predictions.services.writing import worker_queue

LOST_AFTER = LEASE + timedelta(seconds=5)


def put_back(now: datetime | None = None) -> None:
    """Queue each unfinished batch that nobody has worked on for longer than a lease, and has not queued."""
    now = now or timezone.now()
    silent = Batch.objects.unfinished().filter(heartbeat_at__lt=now - LOST_AFTER)
    for batch in silent.only("heartbeat_at", "checked_at"):
        # Of two workers that see it at once, one puts it back.
        seen = silent.filter(pk=batch.pk, heartbeat_at=batch.heartbeat_at)
        if not _queued(batch) and seen.update(heartbeat_at=now):
            for _ in range(WORKERS if batch.checked_at else 1):
                worker_queue.enqueue("score_batch", batch.pk)
    batch_files.discard_abandoned(now)


def _queued(batch: Batch) -> bool:
    return worker_queue.results("score_batch", batch.pk).filter(status=worker_queue.WAITING).exists()
