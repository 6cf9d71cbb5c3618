"""A batch as its page shows it: progress, time left, whether a worker is busy, and refused rows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from django.utils import timezone

from ml.errors import place_word
from predictions.models import Batch, TrainingRun
from predictions.reading.counts import progress_of
from predictions.services.batches import downloads
from predictions.services.batches.downloads import MAX_WORKBOOK_ROWS
from predictions.services.batches.rows import MAX_REFUSED_ROWS
from predictions.web.batches.answer import BatchAnswer
from predictions.web.models.training import LONG_QUEUE, SILENT_AFTER, duration

MAX_FAULTS_SHOWN = 20
MAX_COLUMNS_SHOWN = 20


class FaultLine(NamedTuple):
    """A row of ``errors.csv``."""

    line: int
    loan_id: str
    column: str | None
    value: str | None
    expected: str


class BatchView:
    """A batch of `BatchQuerySet.with_counts` at the time `now`."""

    max_workbook_rows, max_refused_rows = MAX_WORKBOOK_ROWS, MAX_REFUSED_ROWS

    def __init__(self, batch: Batch, now: datetime | None = None) -> None:
        self.batch = batch
        self._now = now or timezone.now()
        self.done, self.rows_per_second, self._seconds_left = progress_of(batch, self._now)
        self._scored: int = batch.scored  # type: ignore[attr-defined] # annotated by with_counts
        self.queued = batch.status == Batch.Status.QUEUED
        elapsed = (batch.finished_at or self._now) - (batch.started_at or batch.created_at)
        self.elapsed = duration(elapsed) if elapsed >= timedelta(seconds=1) else "less than a second"
        self.faults = list(islice(_faults(batch), MAX_FAULTS_SHOWN + 1))

    @property
    def percent(self) -> int:
        return 100 * self.done // self.batch.rows if self.batch.rows else 0

    @property
    def time_left(self) -> str:
        """The estimated time left, in words; empty if it is not known."""
        return "" if self._seconds_left is None else duration(timedelta(seconds=self._seconds_left))

    @property
    def place(self) -> str:
        """What the places of the file's rows are called."""
        return place_word(self.batch.name).capitalize()

    @property
    def shown(self) -> list[FaultLine]:
        return self.faults[:MAX_FAULTS_SHOWN]

    @property
    def further_columns(self) -> list[str]:
        """The first of the file's columns that the product does not have."""
        return (self.batch.further_columns or [])[:MAX_COLUMNS_SHOWN]

    @property
    def more_further_columns(self) -> int:
        return max(len(self.batch.further_columns or []) - MAX_COLUMNS_SHOWN, 0)

    @property
    def fits_workbook(self) -> bool:
        return self._scored <= MAX_WORKBOOK_ROWS

    @cached_property
    def answer(self) -> BatchAnswer | None:
        """What became of the rows; None while the batch is not over, and if none was scored."""
        return BatchAnswer(self.batch, self._scored) if self._scored and self.batch.has_results else None

    @property
    def keeps_refused_rows(self) -> bool:
        return downloads.keeps_refused_rows(self.batch)

    @property
    def queue_busy(self) -> bool:
        return Batch.objects.running().exists() or TrainingRun.objects.running().exists()

    @property
    def no_worker(self) -> bool:
        return self._now - self.batch.created_at > LONG_QUEUE

    @property
    def seconds_silent_words(self) -> str:
        """The time without a sign of a worker, in words; empty while it is short."""
        silence = self._now - self.batch.heartbeat_at
        return duration(silence) if silence > SILENT_AFTER else ""


def _faults(batch: Batch) -> Iterator[FaultLine]:
    """Yield the faults of refused rows in file order, reading one chunk at a time."""
    refused = batch.chunks.done().filter(refused__gt=0).order_by("number")
    for number in refused.values_list("number", flat=True):
        for fault in refused.values_list("refusals", flat=True).get(number=number):
            yield FaultLine(*fault)
