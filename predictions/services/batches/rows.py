"""The rows of one chunk, checked: good ones as records, and what is wrong with the others."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ml.applications.schema import LOAN_ID
from ml.tables import csv_parts
from ml.tables.block_reader import BlockReader
from ml.tables.bulk_records import records_of
from ml.tables.csv_parts import AnyBlock, Part
from predictions.models import BatchChunk
from predictions.services.batches.files import path_of

SHOWN = 80  # characters of a cell
Fault = tuple[int, str, str | None, str | None, str]  # as a line of errors.csv


class CheckedChunk(NamedTuple):
    """Good records in the file's order, every fault of the others, and how many those are."""

    records: Sequence[Any]
    faults: list[Fault]
    refused: int


def checked_rows(*, chunk: BatchChunk, read: BlockReader) -> CheckedChunk:
    """Read a chunk; rows that repeat a Loan_ID of the file are all refused. Raises `OSError`."""
    batch = chunk.batch
    part = Part(chunk.offset, chunk.length, chunk.first_line, chunk.rows)
    block, shift = csv_parts.read(batch.name, path_of(batch.file), part)
    found = read(block)
    faults = [
        (fault.line + shift, loan_id[:SHOWN], fault.column, fault.value, fault.expected)
        for loan_id, its in found.refused
        for fault in its
    ]
    checked = CheckedChunk(records_of(found.loan_ids, found.columns), faults, len(found.refused))
    if not chunk.repeats:
        return checked
    return _without_repeats(checked, list(_cells(block, shift)), dict(chunk.repeats))


def _cells(block: AnyBlock, shift: int) -> Iterator[tuple[int, str]]:
    """Yield each row's line and Loan_ID as it stands there."""
    for line, cell in zip(block.lines, block.columns[LOAN_ID], strict=True):
        yield line + shift, cell


def _without_repeats(
    checked: CheckedChunk, cells: Sequence[tuple[int, str]], others: dict[int, int]
) -> CheckedChunk:
    bad = {fault[0] for fault in checked.faults}
    good = [line for line, _ in cells if line not in bad]
    records = [r for line, r in zip(good, checked.records, strict=True) if line not in others]
    repeated = [
        (line, cell[:SHOWN], LOAN_ID, cell[:SHOWN], f"it also stands in line {others[line]:,}")
        for line, cell in cells
        if line in others
    ]
    faults = sorted([*checked.faults, *repeated], key=lambda fault: fault[0])
    return CheckedChunk(records, faults, len(bad | others.keys()))
