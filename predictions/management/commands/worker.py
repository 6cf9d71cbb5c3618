import logging
import time
from typing import Any

from django.core.management import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from predictions.log_lines import cause_of
from predictions.services.batches.work import requeue_abandoned
from predictions.services.versions.training_runs import fail_lost_runs

PAUSE = 1.0  # seconds, when there is nothing to do

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Train and score batches, as the site asks for it, and finish what killed workers left."

    def handle(self, *args: Any, **options: Any) -> None:
        worker = OneByOne()
        worker.configure_signals()
        while worker.running:
            try:
                busy = worker.turn()
            except OperationalError as error:
                logger.warning("The database cannot be used right now: %s", cause_of(error))
                close_old_connections()
                busy = False
            if worker.running and not busy:
                time.sleep(PAUSE)


class OneByOne(Worker):
    """Comes back after each task, to look for what others left. Ends in order on SIGTERM."""

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

    def turn(self) -> bool:
        """Do one task; tell whether there was one."""
        fail_lost_runs()
        requeue_abandoned()
        self._run_tasks = 0
        self.run()
        return self._run_tasks > 0
