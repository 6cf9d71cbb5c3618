"""The worker's queue. Services queue a task by its name, so that they do not import `predictions.tasks`."""

from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

TASKS = "predictions.tasks"  # stored with every queued task
WAITING, RUNNING, BROKEN = "READY", "RUNNING", "FAILED"


def enqueue(task: str, pk: int) -> None:
    """Queue a task of `predictions.tasks` for the row with this key."""
    import_string(f"{TASKS}.{task}").enqueue(pk)


def results(task: str, pk: int) -> QuerySet[DBTaskResult]:
    """Return the queued tasks of this name for a row, in any state."""
    return DBTaskResult.objects.filter(task_path=f"{TASKS}.{task}", args_kwargs__args=[pk])
