"""Cut a batch's file into chunks, and check the rows of one chunk."""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from ml.applications.types import Columns, take_rows
from ml.errors import place_word
from ml.schemas.schema import Schema
from ml.tables import csv_stream
from ml.tables.block_reader import BlockReader, CheckedBlock, id_cells, plain_ids
from ml.tables.csv_stream import AnyBlock, FilePart, iter_parts
from ml.tables.header import WHAT_TO_MEND, further_columns
from ml.tables.repeats import Lines, RepeatedLoanIds, repeated_expectation
from predictions.errors import LoanIdTaken, TakenId
from predictions.live.schemas import schema_of_version
from predictions.models import Batch, BatchChunk
from predictions.models.batch import BatchQuerySet
from predictions.services.batches.files import upload_path
from predictions.services.writing.locks import write_transaction

MAX_VALUE_LENGTH = 80  # characters of a cell
RowFault = tuple[int, str, str | None, str | None, str]  # as a line of errors.csv


class CheckedChunk(NamedTuple):
    """Valid rows in the order of the file, the faults of the others, and the number of those.

    `lines` has the lines of the valid rows. `further` has the cells of the file's further columns by the
    Loan_ID of valid rows; ``None`` if it has no such columns. `block` has all rows as the file has them.
    """

    loan_ids: Sequence[str]
    columns: Columns
    lines: Sequence[int]
    faults: list[RowFault]
    refused: int
    further: dict[str, Sequence[str]] | None
    block: AnyBlock


def reader_of(batch: Batch) -> BlockReader:
    """Return a reader of the batch's rows. A made ID is that of batch and line, however often it is read."""
    return BlockReader(_schema_of(batch), f"B{batch.pk}-{{:06}}".format)


def _schema_of(batch: Batch) -> Schema:
    return schema_of_version(batch.model_version_id)


def checked_rows(*, chunk: BatchChunk, read: BlockReader) -> CheckedChunk:
    """Read a chunk; rows that repeat a Loan_ID of the file are all refused. Raises `OSError`."""
    batch, schema, others = chunk.batch, _schema_of(chunk.batch), dict(chunk.repeats)
    part = FilePart(chunk.offset, chunk.length, chunk.first_line, chunk.rows)
    block = csv_stream.read_part(schema, batch.name, upload_path(batch.file), part)
    checked = read(block)
    if others:
        checked = checked.take([row for row, line in enumerate(checked.lines) if line not in others])
    faults = [*_faults(checked), *_repeated(schema, block, others, place_word(batch.name))]
    faults.sort(key=lambda fault: fault[0])
    further = _further(further_columns(schema, block.names), block, checked)
    refused = len({fault[0] for fault in faults})
    loan_ids, columns, _, lines = checked
    return CheckedChunk([*loan_ids], columns, lines, faults, refused, further, block)


def without_taken(chunk: BatchChunk, checked: CheckedChunk, taken: Mapping[int, TakenId]) -> CheckedChunk:
    """Refuse the rows whose Loan_IDs are of other applications, by their places among the valid ones."""
    field, faults = _schema_of(chunk.batch).id_field, list(checked.faults)
    for place, holder in taken.items():
        loan_id = checked.loan_ids[place]
        faults.append((checked.lines[place], loan_id, field, loan_id, f"{LoanIdTaken.code}: {holder.words}"))
    kept = np.array([place for place in range(len(checked.lines)) if place not in taken], dtype=np.int64)
    return checked._replace(
        loan_ids=[checked.loan_ids[place] for place in kept.tolist()],
        columns={name: take_rows(column, kept) for name, column in checked.columns.items()},
        lines=[checked.lines[place] for place in kept.tolist()],
        faults=sorted(faults, key=lambda fault: fault[0]),
        refused=checked.refused + len(taken),
    )


MAX_REFUSED_ROWS = 10_000  # of a batch are kept


def refused_rows(chunk: BatchChunk, checked: CheckedChunk) -> list[tuple[int, list[str]]]:
    """Return the lines and cells of a chunk's refused rows that a batch keeps to be mended.

    Called while the batch's row is locked, so that no other chunk of it ends meanwhile.
    """
    if not checked.faults:
        return []
    before = chunk.batch.chunks.done().aggregate(refused=Sum("refused"))["refused"] or 0
    block, lines = checked.block, {fault[0] for fault in checked.faults}
    places = [place for place, line in enumerate(block.lines) if line in lines]
    # A file of refused rows that was mended has a column more.
    columns = [block.columns[name] for name in block.names if name != WHAT_TO_MEND]
    kept = places[: max(MAX_REFUSED_ROWS - before, 0)]
    return [(block.lines[place], [cells[place] for cells in columns]) for place in kept]


def _faults(checked: CheckedBlock) -> Iterator[RowFault]:
    for loan_id, row_faults in checked.refused:
        for fault in row_faults:
            yield fault.line, loan_id[:MAX_VALUE_LENGTH], fault.column, fault.value, fault.expected


def _repeated(schema: Schema, block: AnyBlock, others: Mapping[int, int], place: str) -> Iterator[RowFault]:
    """Yield a fault for each row of `others`, which has the line of another row with the same Loan_ID."""
    cells = id_cells(schema, block) if others else None
    for line, cell in zip(block.lines, cells or (), strict=cells is not None):
        if line in others:
            shown = cell[:MAX_VALUE_LENGTH]
            yield line, shown, schema.id_field, shown, repeated_expectation(place, others[line])


def _further(names: Sequence[str], block: AnyBlock, checked: CheckedBlock) -> dict[str, Sequence[str]] | None:
    if not names:
        return None
    good = dict(zip(checked.lines, checked.loan_ids, strict=True))
    rows = zip(*(block.cells(name) for name in names), strict=True)
    by_line = zip(block.lines, rows, strict=True)
    return {good[line]: cells for line, cells in by_line if line in good}


# Bytes: about 2,000 applications, for which SQLite's other writers wait. PostgreSQL's wait for none.
CHUNK_SIZES = {"sqlite": 160 << 10, "postgresql": 640 << 10}
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
    walk = _walk(batch)
    now = timezone.now()
    facts = {"rows": sum(part.rows for part in walk.parts), "further_columns": walk.further}
    facts["headings"] = _headings(batch)
    with write_transaction():
        if not _unchecked(batch).update(**facts, checked_at=now, heartbeat_at=now):
            raise BatchFinished
        chunks = _chunks(batch, walk)
        while some_chunks := list(itertools.islice(chunks, _CHUNKS_PER_INSERT)):
            BatchChunk.objects.bulk_create(some_chunks)


def _unchecked(batch: Batch) -> BatchQuerySet:
    return Batch.objects.running().filter(pk=batch.pk, checked_at=None)


def _headings(batch: Batch) -> list[str]:
    headings = csv_stream.read_headings(_schema_of(batch), batch.name, upload_path(batch.file))
    return [heading for heading in headings if heading != WHAT_TO_MEND]


class _Walk(NamedTuple):
    """The parts of a file, the pairs of lines that repeat a Loan_ID, and the file's further columns."""

    parts: list[FilePart]
    pairs: Lines
    further: list[str]


def _walk(batch: Batch) -> _Walk:
    schema, parts, repeats = _schema_of(batch), [], RepeatedLoanIds()
    further, last_heartbeat = list[str](), time.monotonic()
    for part, block in iter_parts(
        schema, batch.name, upload_path(batch.file), CHUNK_SIZES[connection.vendor]
    ):
        parts.append(part)
        further = further_columns(schema, block.names)
        if (loan_ids := plain_ids(schema, block) or id_cells(schema, block)) is not None:
            repeats.add(block.lines, loan_ids)
        if time.monotonic() - last_heartbeat >= HEARTBEAT_INTERVAL:
            last_heartbeat = time.monotonic()
            if not _unchecked(batch).update(heartbeat_at=timezone.now()):
                raise BatchFinished
    return _Walk(parts, repeats.pairs(), further)


def _chunks(batch: Batch, walk: _Walk) -> Iterator[BatchChunk]:
    ends = np.searchsorted(walk.pairs[:, 0], [part.first_line for part in walk.parts[1:]])
    for number, (part, repeats) in enumerate(zip(walk.parts, np.split(walk.pairs, ends), strict=True)):
        yield BatchChunk(batch=batch, number=number, **part._asdict(), repeats=repeats.tolist())
