"""Wishes to compare a candidate with the active version; the work is done by `comparisons`, in the worker."""

from predictions.errors import Conflict
from predictions.models import ModelVersion
from predictions.services.versions import gate
from predictions.services.writing import worker_queue
from predictions.services.writing.worker_queue import BROKEN, RUNNING, WAITING


def request(*, candidate: ModelVersion) -> None:
    """Queue the comparison unless it is queued already; raises `Conflict` for any but a candidate."""
    if not gate.judges(candidate):
        raise Conflict(f"Version {candidate.pk} is {candidate.status}: only candidates are compared.")
    if state(candidate) not in (WAITING, RUNNING):
        worker_queue.enqueue("compare", candidate.pk)


def state(candidate: ModelVersion) -> str:
    """Return what became of the newest wish: waiting, running, broken, or empty when nothing is owed."""
    wishes = worker_queue.results("compare", candidate.pk)
    newest: str | None = wishes.order_by("-enqueued_at").values_list("status", flat=True).first()
    return newest if newest in (WAITING, RUNNING, BROKEN) else ""
