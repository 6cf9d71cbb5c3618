"""Looking at the form of a whole file, and cutting it into chunks, before anything of it is stored."""

import itertools
import time
from collections.abc import Iterator, Sequence

import numpy as np
from django.utils import timezone

from ml.applications.schema import LOAN_ID
from ml.tables.csv_parts import Part, walk
from ml.tables.repeats import Lines, Repeats
from predictions.models import Batch, BatchChunk
from predictions.models.batch import BatchQuerySet
from predictions.services.batches.files import path_of
from predictions.services.writing.locks import write_turn

CHUNK = 160 << 10  # bytes: about 2,000 applications
HEARTBEAT = 1.0  # seconds
_AT_ONCE = 50  # chunks that are written together


class BatchOver(Exception):
    """Somebody else has ended it, or has done this work."""


def check(*, batch: Batch) -> None:
    """Store the chunks of a running batch, all or none.

    Raises
    ------
    DatasetError
        When the file's form is at fault: it names the line.
    BatchOver
    OSError
    """
    parts, pairs = _walk(batch)
    now = timezone.now()
    with write_turn():
        rows = sum(part.rows for part in parts)
        if not _unchecked(batch).update(rows=rows, checked_at=now, heartbeat_at=now):
            raise BatchOver
        chunks = _chunks(batch, parts, pairs)
        while some := list(itertools.islice(chunks, _AT_ONCE)):
            BatchChunk.objects.bulk_create(some)


def _unchecked(batch: Batch) -> BatchQuerySet:
    return Batch.objects.running().filter(pk=batch.pk, checked_at=None)


def _walk(batch: Batch) -> tuple[list[Part], Lines]:
    """Return the parts of the file, and which of its lines repeat a Loan_ID."""
    parts, repeats, told = [], Repeats(), time.monotonic()
    for part, block in walk(batch.name, path_of(batch.file), CHUNK):
        parts.append(part)
        repeats.add(block.lines, block.columns[LOAN_ID])
        if time.monotonic() - told >= HEARTBEAT:
            told = time.monotonic()
            if not _unchecked(batch).update(heartbeat_at=timezone.now()):
                raise BatchOver
    return parts, repeats.pairs()


def _chunks(batch: Batch, parts: Sequence[Part], pairs: Lines) -> Iterator[BatchChunk]:
    ends = np.searchsorted(pairs[:, 0], [part.first_line for part in parts[1:]])
    for number, (part, repeats) in enumerate(zip(parts, np.split(pairs, ends), strict=True)):
        yield BatchChunk(batch=batch, number=number, **part._asdict(), repeats=repeats.tolist())
