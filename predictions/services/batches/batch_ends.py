"""How a batch ends: once, whoever is first."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from predictions.models import Batch
from predictions.services.batches import files as batch_files


def end(*, batch_id: int, status: str, error: str = "", now: datetime | None = None) -> bool:
    """End a batch unless it is over, and delete its file; tell whether it was this call that ended it."""
    unfinished = Batch.objects.unfinished().filter(pk=batch_id)
    ended = unfinished.update(status=status, error=error, finished_at=now or timezone.now())
    if ended:
        file = Batch.objects.values_list("file", flat=True).get(pk=batch_id)
        transaction.on_commit(lambda: batch_files.discard(file))
    return bool(ended)
