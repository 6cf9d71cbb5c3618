"""Chunks that are read and scored before they are stored: the next one while a chunk is stored.

Neither reading nor scoring needs the database, so a forked process does both.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ml.tables.block_reader import BlockReader
from predictions.live.active_model import ActiveModel
from predictions.models import Batch, BatchChunk
from predictions.services.batches.outcomes import count_outcomes
from predictions.services.batches.rows import (
    CheckedChunk,
    RefusedCells,
    RowFault,
    checked_rows,
    refused_cells,
)
from predictions.services.scoring.applications import ColumnApplications, JudgedApplications
from predictions.services.scoring.scoring import judge
from predictions.services.writing.replies import ScoredKind


@dataclass(frozen=True, slots=True)
class PreparedChunk:
    """A chunk that can be stored; `judged` and `outcomes` are ``None`` if none of its rows is valid."""

    judged: JudgedApplications | None
    outcomes: dict[str, Counter[str]] | None
    faults: list[RowFault]
    refused: int
    refused_cells: RefusedCells
    further: dict[str, Sequence[str]] | None


def prepare(model: ActiveModel, batch: Batch, checked: CheckedChunk) -> PreparedChunk:
    """Score the valid rows of a chunk by the model and the policy of its batch."""
    judged = None
    if checked.loan_ids:
        rows = ColumnApplications(model.schema, checked.loan_ids, checked.columns)
        judged = judge(model, batch.policy, rows)
    outcomes = count_outcomes(judged) if judged else None
    facts = checked.faults, checked.refused, refused_cells(checked), checked.further
    return PreparedChunk(judged, outcomes, *facts)


_PLACE = ("offset", "length", "first_line", "rows", "repeats")
ChunkPlace = dict[str, Any]


def place_of(chunk: BatchChunk) -> ChunkPlace:
    """Return what a process needs to read a chunk of its batch."""
    return {name: getattr(chunk, name) for name in _PLACE}


_MOST_KINDS = 4096  # that a process remembers to have sent
PackedChunk = tuple[PreparedChunk, int, list[int], list[ScoredKind]]


def packer(model: ActiveModel, batch: Batch, read: BlockReader) -> Callable[[ChunkPlace], PackedChunk]:
    """Return a function that prepares chunks for another process, in their order (see `unpacker`).

    Most rows share their kind with many others. Each kind is sent once, and of a row the number of its kind.
    """
    numbers: dict[ScoredKind, int] = {}

    def pack(place: ChunkPlace) -> PackedChunk:
        chunk = BatchChunk(batch=batch, **place)
        prepared = prepare(model, batch, checked_rows(chunk=chunk, read=read))
        if len(numbers) > _MOST_KINDS:
            numbers.clear()
        known, kinds = len(numbers), prepared.judged.kinds if prepared.judged else ()
        new = [kind for kind in dict.fromkeys(kinds) if kind not in numbers]
        numbers.update(zip(new, range(known, known + len(new)), strict=True))
        sent = [dataclasses.replace(kind, with_findings={}) for kind in new]
        return _with_kinds(prepared, ()), known, [*map(numbers.__getitem__, kinds)], sent

    return pack


def unpacker() -> Callable[[PackedChunk], PreparedChunk]:
    """Return a function that gives the rows of each packed chunk their kinds again."""
    received: list[ScoredKind] = []

    def unpack(packed: PackedChunk) -> PreparedChunk:
        prepared, known, numbers, new = packed
        received[known:] = new
        return _with_kinds(prepared, [*map(received.__getitem__, numbers)])

    return unpack


def _with_kinds(prepared: PreparedChunk, kinds: Sequence[ScoredKind]) -> PreparedChunk:
    judged = prepared.judged and dataclasses.replace(prepared.judged, kinds=kinds)
    return dataclasses.replace(prepared, judged=judged)
