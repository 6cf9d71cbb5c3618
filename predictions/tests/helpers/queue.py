"""The worker's queue, worked off by hand."""

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult


def carry_out_queue() -> int:
    """Do what is queued now, as the worker would; return how much that was."""
    queued = list(DBTaskResult.objects.ready())
    for result in queued:
        result.task.call(*result.args_kwargs["args"])
        result.status = TaskResultStatus.SUCCESSFUL
        result.save()
    return len(queued)
