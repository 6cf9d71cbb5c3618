import logging
import time

from django.core.management import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from predictions.log_lines import cause_of
from predictions.services.batches.work import requeue_abandoned
from predictions.services.upkeep import keep_up
from predictions.services.versions.training_runs import fail_lost_runs

PAUSE = 1.0  # seconds between two looks at an empty queue

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Train models and score batches that the site requests, and finish the work of killed workers."

    def handle(self, *args: object, **options: object) -> None:
        worker = SingleTaskWorker()
        worker.configure_signals()
        while worker.running:
            try:
                did_task = worker.run_next()
            except OperationalError as error:
                logger.warning("The database cannot be used right now: %s", cause_of(error))
                close_old_connections()
                did_task = False
            if worker.running and not did_task:
                time.sleep(PAUSE)


class SingleTaskWorker(Worker):
    """A worker that looks for the work of killed workers before each task. SIGTERM ends it after the task."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["default"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )

    def run_next(self) -> bool:
        """Run one task, and return True if there was one."""
        fail_lost_runs()
        requeue_abandoned()
        keep_up()
        self._run_tasks = 0
        self.run()
        return self._run_tasks > 0
