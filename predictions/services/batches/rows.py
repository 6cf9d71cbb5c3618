"""Cut a batch's file into chunks, and check the rows of one chunk."""

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from ml.applications.schema import LOAN_ID
from ml.applications.types import Record
from ml.tables import csv_stream
from ml.tables.block_reader import BlockReader, records_of
from ml.tables.csv_stream import AnyBlock, FilePart, iter_parts
from ml.tables.repeats import Lines, RepeatedLoanIds
from predictions.models import Batch, BatchChunk
from predictions.models.batch import BatchQuerySet
from predictions.services.batches.files import upload_path
from predictions.services.writing.locks import write_transaction

MAX_VALUE_LENGTH = 80  # characters of a cell
RowFault = tuple[int, str, str | None, str | None, str]  # as a line of errors.csv


class CheckedChunk(NamedTuple):
    """Valid records in the order of the file, the faults of the others, and the number of those."""

    records: Sequence[Record]
    faults: list[RowFault]
    refused: int


def checked_rows(*, chunk: BatchChunk, read: BlockReader) -> CheckedChunk:
    """Read a chunk; rows that repeat a Loan_ID of the file are all refused. Raises `OSError`."""
    batch = chunk.batch
    part = FilePart(chunk.offset, chunk.length, chunk.first_line, chunk.rows)
    block, shift = csv_stream.read_part(batch.name, upload_path(batch.file), part)
    checked_block = read(block)
    faults = [
        (fault.line + shift, loan_id[:MAX_VALUE_LENGTH], fault.column, fault.value, fault.expected)
        for loan_id, row_faults in checked_block.refused
        for fault in row_faults
    ]
    checked = CheckedChunk(
        records_of(checked_block.loan_ids, checked_block.columns), faults, len(checked_block.refused)
    )
    if not chunk.repeats:
        return checked
    return _without_repeats(checked, list(_cells(block, shift)), dict(chunk.repeats))


def _cells(block: AnyBlock, shift: int) -> Iterator[tuple[int, str]]:
    """Yield the line and the Loan_ID of each row, as written in the file."""
    for line, cell in zip(block.lines, block.columns[LOAN_ID], strict=True):
        yield line + shift, cell


def _without_repeats(
    checked: CheckedChunk, cells: Sequence[tuple[int, str]], others: dict[int, int]
) -> CheckedChunk:
    bad = {fault[0] for fault in checked.faults}
    good = [line for line, _ in cells if line not in bad]
    records = [r for line, r in zip(good, checked.records, strict=True) if line not in others]
    repeated = [
        (
            line,
            cell[:MAX_VALUE_LENGTH],
            LOAN_ID,
            cell[:MAX_VALUE_LENGTH],
            f"not repeated: it is also in line {others[line]:,}",
        )
        for line, cell in cells
        if line in others
    ]
    faults = sorted([*checked.faults, *repeated], key=lambda fault: fault[0])
    return CheckedChunk(records, faults, len(bad | others.keys()))


CHUNK_SIZE = 160 << 10  # bytes: about 2,000 applications
HEARTBEAT_INTERVAL = 1.0  # seconds
_CHUNKS_PER_INSERT = 50


class BatchFinished(Exception):
    """Another worker ended the batch, or did this work already."""


def cut_into_chunks(*, batch: Batch) -> None:
    """Store the chunks of a running batch, all or none.

    Raises
    ------
    DatasetError
        When the file is no table of applications: it names the line.
    BatchFinished
    OSError
    """
    parts, pairs = _walk(batch)
    now = timezone.now()
    with write_transaction():
        rows = sum(part.rows for part in parts)
        if not _unchecked(batch).update(rows=rows, checked_at=now, heartbeat_at=now):
            raise BatchFinished
        chunks = _chunks(batch, parts, pairs)
        while some_chunks := list(itertools.islice(chunks, _CHUNKS_PER_INSERT)):
            BatchChunk.objects.bulk_create(some_chunks)


def _unchecked(batch: Batch) -> BatchQuerySet:
    return Batch.objects.running().filter(pk=batch.pk, checked_at=None)


def _walk(batch: Batch) -> tuple[list[FilePart], Lines]:
    """Return the parts of the file, and the pairs of lines that repeat a Loan_ID."""
    parts, repeats, last_heartbeat = [], RepeatedLoanIds(), time.monotonic()
    for part, block in iter_parts(batch.name, upload_path(batch.file), CHUNK_SIZE):
        parts.append(part)
        repeats.add(block.lines, block.columns[LOAN_ID])
        if time.monotonic() - last_heartbeat >= HEARTBEAT_INTERVAL:
            last_heartbeat = time.monotonic()
            if not _unchecked(batch).update(heartbeat_at=timezone.now()):
                raise BatchFinished
    return parts, repeats.pairs()


def _chunks(batch: Batch, parts: Sequence[FilePart], pairs: Lines) -> Iterator[BatchChunk]:
    ends = np.searchsorted(pairs[:, 0], [part.first_line for part in parts[1:]])
    for number, (part, repeats) in enumerate(zip(parts, np.split(pairs, ends), strict=True)):
        yield BatchChunk(batch=batch, number=number, **part._asdict(), repeats=repeats.tolist())
